#!/usr/bin/env bash
# Locks every requirement file anew: pinned, hashed, without any download address.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh product
uv=$PWD/.tools/bin/uv
options=(--quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header)
"$uv" pip compile requirements/uv.in --python-version 3.11 --universal "${options[@]}" -o requirements/uv.txt
"$uv" pip compile requirements/product.in --python-version 3.11 --universal "${options[@]}" -o requirements/product.txt
"$uv" pip compile requirements/dev.in --python-version 3.11 --universal "${options[@]}" -o requirements/dev.txt
(cd requirements/rasa && "$uv" pip compile rasa.in --python-version 3.10 "${options[@]}" -o rasa.txt)
UV_FIND_LINKS="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}" "$uv" pip compile requirements/train.in --python-version 3.11 \
  "${options[@]}" --no-emit-package torch -o requirements/train.txt
