"""Servers on loopback that speak the channels' protocols, for tests and for the soak.

They are strict where the real ones are (lengths, callback data, entities, windows, tokens), can be made slow,
broken or unreachable, deliver webhooks twice, late or out of order, and keep what was sent. They hold no
file and reach nothing but the webhook address they were given.
"""
