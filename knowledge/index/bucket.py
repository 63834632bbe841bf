"""Published indexes behind a web address: an object store's bucket (S3 and its kin serve objects over HTTP), or any web
server over the folder. Only GET is used. Imports httpx only here and only when such an address is set."""

from __future__ import annotations

from pathlib import Path

import httpx

from knowledge.index.errors import ArtefactAwayError

_TIMEOUT_S = 30.0  # between two blocks, not for a whole file
_MISSING = (403, 404)  # a bucket that may not be listed says 403 of an object that is not there


class BucketShelf:
    """Files below an address; see knowledge.index.artefact.Shelf."""

    def __init__(self, url: str) -> None:
        """``url``: begins with http:// or https://; a name and password in it go along as basic authentication."""
        self._url = httpx.URL(url.rstrip("/") + "/")
        self.name = self._url.host

    def copy(self, path: str, target: Path) -> None:
        """Raises: FileNotFoundError: no such file; ArtefactAwayError: no answer, or another than the file."""
        try:
            with httpx.stream("GET", self._url.join(path), timeout=_TIMEOUT_S, follow_redirects=True) as answer:
                if answer.status_code in _MISSING:
                    raise FileNotFoundError(path)
                answer.raise_for_status()
                with target.open("wb") as file:
                    for block in answer.iter_bytes():
                        file.write(block)
        except httpx.HTTPStatusError as exc:
            raise ArtefactAwayError(self.name, f"it answered {exc.response.status_code}") from None
        except httpx.HTTPError as exc:
            raise ArtefactAwayError(self.name, f"came {type(exc).__name__}") from None
