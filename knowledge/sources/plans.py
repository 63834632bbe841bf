
from knowledge.errors import SourceError


def read_plan(path):
    raise SourceError(path,"x","y","z")
