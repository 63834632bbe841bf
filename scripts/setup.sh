#!/usr/bin/env bash
# Sets up one environment: product, dev, rasa or train; or, with system, what tests run beside it. A second call with nothing changed does nothing.
# Writes only inside the repository and the user's package cache.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

find_python() {  # the first interpreter that runs and is 3.11 or newer
  local name
  for name in "${MOTCUA_PYTHON:-}" python3.11 python3.12 python3.13 python3.14 python3; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      "$name" -c 'import sys; print(sys.executable)'; return 0
    fi
  done
  return 1
}

digest_of() { cat "$@" | sha256sum | cut -c1-32; }

is_current() {  # is_current VENV KEY DIGEST
  [ -x "$1/bin/python" ] && [ -f "$1/.stamps/$2" ] && [ "$(cat "$1/.stamps/$2")" = "$3" ]
}

stamp() { mkdir -p "$1/.stamps"; printf '%s' "$3" > "$1/.stamps/$2"; }

need_uv() {
  local digest; digest=$(digest_of requirements/uv.txt)
  is_current .tools uv "$digest" && return 0
  local python
  python=$(find_python) || {
    say "Cần Python 3.11 trở lên; máy này chưa có. Cài: apt-get install python3 python3-venv (Debian 12+/Ubuntu 24.04+),"
    say "hoặc đặt MOTCUA_PYTHON=đường-dẫn-tới-python."
    say "Python 3.11 or newer is needed and none was found. Install python3 and python3-venv, or set MOTCUA_PYTHON."
    exit 1
  }
  if ! "$python" -m venv .tools >/dev/null 2>&1; then
    say "Python thiếu mô-đun venv. Cài: apt-get install python3-venv"
    say "This Python lacks the venv module. Install: apt-get install python3-venv"
    exit 1
  fi
  .tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
  stamp .tools uv "$digest"
}

make_venv() {  # make_venv VENV
  [ -x "$1/bin/python" ] || .tools/bin/uv venv --quiet --python "$(find_python)" "$1"
}

install() {  # install VENV FILE…
  .tools/bin/uv pip install --quiet --python "$1/bin/python" --require-hashes -r "$2"
}

setup_python() {  # setup_python product|dev
  local file="requirements/$1.txt" digest
  digest=$(digest_of "$file" pyproject.toml)
  is_current .venv "$1" "$digest" && return 0
  need_uv
  say "Đang cài môi trường sản phẩm / setting up the product's environment ($1) …"
  make_venv .venv
  install .venv "$file"
  .tools/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
  stamp .venv "$1" "$digest"
  if [ "$1" = dev ]; then stamp .venv product "$(digest_of requirements/product.txt pyproject.toml)"; fi
}

setup_rasa() {
  local digest; digest=$(digest_of requirements/rasa/rasa.txt)
  is_current .venv-rasa rasa "$digest" && return 0
  need_uv
  say "Đang cài môi trường Rasa / setting up Rasa's environment (Python 3.10, about 2.5 GB) …"
  # uv finds a Python 3.10 of pyenv only where a .python-version file says so: requirements/rasa has one.
  if ! (cd requirements/rasa && ../../.tools/bin/uv venv --quiet --clear --python 3.10 ../../.venv-rasa); then
    rm -rf .venv-rasa
    say "Không tìm thấy Python 3.10 nên chưa chạy được Rasa. Cài một bản 3.10 (.tools/bin/uv python install 3.10, hoặc pyenv)"
    say "rồi chạy lại. Trong lúc đó trợ lý vẫn trả lời trực tiếp, không qua Rasa; mạch chuyện do cổng tiếp nhận nhớ."
    say "No Python 3.10 found, so Rasa cannot run. Install one (.tools/bin/uv python install 3.10, or pyenv) and run again."
    say "Until then the assistant answers directly, without Rasa; the gateway alone remembers the conversation."
    return 0
  fi
  if ! install .venv-rasa requirements/rasa/rasa.txt; then
    rm -rf .venv-rasa
    say "Không cài được Rasa (mạng hoặc đĩa?). Trợ lý vẫn trả lời trực tiếp; chạy lại lệnh này để cài Rasa."
    say "Rasa could not be installed (network or disk?). The assistant answers directly; run this again to install Rasa."
    return 0
  fi
  stamp .venv-rasa rasa "$digest"
}

warn_of_cuda() {  # warn_of_cuda REQUIREMENT: says so before gigabytes come that no test needs
  .tools/bin/uv pip install --dry-run --python .venv-train/bin/python "$1" 2>&1 | grep -Eq '^ *\+ (nvidia|triton|cuda)' || return 0
  say "Bản $1 sắp cài là bản CUDA (thêm vài GB), trong khi ở đây chỉ cần bản CPU. Muốn bản CPU: để tệp cài .whl của nó vào một"
  say "thư mục, đặt UV_FIND_LINKS=thư-mục (hoặc PIP_FIND_LINKS) rồi chạy lại. Bây giờ vẫn cài tiếp."
  say "The $1 about to be installed is a CUDA build (several GB more); a CPU build is enough here. For that one put its wheel"
  say "into a folder, set UV_FIND_LINKS=folder (or PIP_FIND_LINKS) and run again. Installing it all the same."
}

setup_train() {
  local digest; digest=$(digest_of requirements/train.txt requirements/train.in)
  is_current .venv-train train "$digest" && return 0
  need_uv
  say "Setting up the training environment (torch, sentence-transformers) …"
  make_venv .venv-train
  # torch apart, of the version in train.in: a CPU build found the way pip finds it (find-links), since the
  # default one brings CUDA. No hash: it differs from one machine's build to the next.
  local torch; torch=$(grep -E '^torch==' requirements/train.in)
  export UV_FIND_LINKS="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-$(.tools/bin/python -m pip config get global.find-links 2>/dev/null || true)}}"
  warn_of_cuda "$torch"
  .tools/bin/uv pip install --quiet --python .venv-train/bin/python "$torch"
  .tools/bin/uv pip install --quiet --python .venv-train/bin/python --no-deps --require-hashes -r requirements/train.txt
  .tools/bin/uv pip install --quiet --python .venv-train/bin/python --no-deps --no-build-isolation --editable .
  stamp .venv-train train "$digest"
}

# What tests run beside the product: a browser, a database server, character recognition for scanned pages.
setup_system() {
  local missing=()
  command -v chromium >/dev/null 2>&1 || missing+=(chromium fonts-noto-core)
  command -v tesseract >/dev/null 2>&1 && tesseract --list-langs 2>/dev/null | grep -qx vie || missing+=(tesseract-ocr tesseract-ocr-vie)
  ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
  [ ${#missing[@]} = 0 ] && return 0
  if [ "$(id -u)" != 0 ]; then
    say "Missing, so some tests will be skipped. As root: apt-get install ${missing[*]}"
    return 0
  fi
  say "Installing for the tests: ${missing[*]} …"
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null; }; then
    say "Could not be installed, so some tests will be skipped: ${missing[*]}"
  fi
}

case "${1:-}" in
  product|dev) setup_python "$1" ;;
  rasa) setup_rasa ;;
  train) setup_train ;;
  system) setup_system ;;
  *) say "usage: scripts/setup.sh product|dev|rasa|train|system"; exit 2 ;;
esac
