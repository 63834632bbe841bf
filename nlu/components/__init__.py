"""Rasa graph components: thin wrappers round nlu, the only place that imports Rasa (3.6, Python 3.10)."""
