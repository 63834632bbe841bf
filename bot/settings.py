"""Settings from the environment and ``.env`` (prefix MOTCUA_). Wrong ones stop the start and are named."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsInvalid
from knowledge.sources.guards import ReadLimits

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything an operator can set.

    Attributes:
        home: where indexes, models, the database and logs are kept.
        corpus: extra files and folders to index beside the bundled knowledge, separated by ":" (";" on Windows).
        database_url: SQLAlchemy address; a SQLite file in ``home`` by default.
        index_source: folder or http(s) address from which a replica takes the index instead of building one; None builds.
        redis_url: lock store where several gateways run; "" for one gateway.
        vectors: "files", or "postgresql" to keep them in ``database_url`` with pgvector (docs/scale.en.md).
        encoder: "" for the bundled one, "onnx:FOLDER" or "sentence-transformers:NAME".
        hotline: telephone number told to citizens who want a person.
        rasa: False starts without the dialogue engine, answering directly.
        rasa_port: 0 picks a free one.
        question_limit, rate_limit_per_minute: limits of the gateway (0 lifts the rate limit).
        province: invented province of the demonstration page.
        public_url: address citizens reach, for canonical links, the sitemap and QR codes; "" takes each request's.
        kiosk_idle_s: a kiosk nobody touches for so long wipes itself.
        kiosk_printer: the kiosk offers to print.
        embed_origins: portals that may show the chat in a frame, separated by commas ("https://portal.example.vn").
        office_hours: "T2-T6 07:30-11:30 13:30-17:00; T7 07:30-11:30"; "" says nothing of hours.
        max_file_mb: a larger file is not read by ingest, in MB.
        takes_contacts: citizens may leave a telephone number for staff to call (/staff/inbox).
        voice_typing: the chat offers typing by voice; some browsers send the sound to their maker.
        session_questions_per_minute: questions of one conversation a minute (0 lifts the limit).
        widget_gallery: /widget/gallery, /pages/gallery and /kiosk/gallery answer others than this machine.
        channel_mode: webhook, poll, or auto: webhooks where public_url is https, else Telegram and Zalo Bot are asked.
        keep_days: messages of channels, chats and tickets are deleted after so many days.
        keep_questions_days: masked questions without an answer, since they were last asked, and ratings.
        channel_answering: messages of channels answered side by side in this process; 0 leaves them to other processes.
        channel_metrics_port: where `motcua channels work` answers /metrics on 127.0.0.1; 0 nowhere.
        telegram_per_*, zalo_per_minute, zalo_bot_per_second: how fast each process sends.
        telegram_*, zalo_*, zalo_bot_*: see connectors/channels/settings.py; a channel without token is off.
    """

    model_config = SettingsConfigDict(env_prefix="MOTCUA_", env_file=".env", extra="ignore")

    home: Path = REPOSITORY / "var"
    corpus: Annotated[tuple[Path, ...], NoDecode] = ()
    database_url: str = Field(default="", repr=False)  # may hold a password
    index_source: str | None = None
    redis_url: str = Field(default="", repr=False)
    vectors: Literal["files", "postgresql"] = "files"
    encoder: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    hotline: str = "1800 1096"
    rasa: bool = True
    rasa_port: int = Field(default=0, ge=0, le=65535)
    rasa_timeout_s: float = Field(default=8.0, gt=0)
    question_limit: int = Field(default=2000, gt=0)
    rate_limit_per_minute: int = Field(default=240, ge=0)
    province: str = "Lam Giang"
    public_url: str = ""
    kiosk_idle_s: float = Field(default=90.0, gt=20)
    kiosk_printer: bool = False
    embed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    office_hours: str = ""
    max_file_mb: int = Field(default=300, gt=0)
    takes_contacts: bool = True
    voice_typing: bool = True
    session_questions_per_minute: int = Field(default=15, ge=0)
    widget_gallery: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    channel_mode: Literal["auto", "webhook", "poll"] = "auto"
    keep_days: int = Field(default=30, ge=1)
    keep_questions_days: int = Field(default=180, ge=1)
    channel_answering: int = Field(default=8, ge=0)
    channel_metrics_port: int = Field(default=0, ge=0, le=65535)
    telegram_token: str = Field(default="", repr=False)
    telegram_secret: str = Field(default="", repr=False)
    telegram_username: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_per_second: int = Field(default=25, ge=1)
    telegram_per_chat_5s: int = Field(default=4, ge=1)
    telegram_per_group_minute: int = Field(default=18, ge=1)
    zalo_app_id: str = ""
    zalo_oa_id: str = ""
    zalo_app_secret: str = Field(default="", repr=False)
    zalo_oa_secret_key: str = Field(default="", repr=False)
    zalo_refresh_token: str = Field(default="", repr=False)
    zalo_access_token: str = Field(default="", repr=False)
    zalo_api_url: str = "https://openapi.zalo.me"
    zalo_oauth_url: str = "https://oauth.zaloapp.com"
    zalo_proof: bool = False
    zalo_template_type: str = "auto"
    zalo_button_query: str = "oa.query.show"
    zalo_staff_needs_admin_id: bool = True
    zalo_per_minute: int = Field(default=3_600, ge=1)
    zalo_bot_token: str = Field(default="", repr=False)
    zalo_bot_secret: str = Field(default="", repr=False)
    zalo_bot_api_url: str = "https://bot-api.zaloplatforms.com"
    zalo_bot_per_second: int = Field(default=20, ge=1)

    @field_validator("corpus", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(part).expanduser() for part in value.split(os.pathsep) if part.strip())
        return value

    @field_validator("embed_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("rasa_port", mode="after")
    @classmethod
    def _own_port(cls, value: int, info: ValidationInfo) -> int:
        if value and value == info.data.get("port"):
            raise PydanticCustomError("own_port", "expected another port than MOTCUA_PORT, or 0 to pick a free one")
        return value

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'motcua.db'}"

    @property
    def read_limits(self) -> ReadLimits:
        """Sizes beyond which a file is not opened."""
        return ReadLimits(max_file_bytes=self.max_file_mb * 1024 * 1024)

    @property
    def index_root(self) -> Path:
        return self.home / "index"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def intents(self) -> Path:
        return self.home / "models" / "intents"

    @property
    def imports(self) -> Path:
        """Where an earlier version listed what was taken in; the database holds it now."""
        return self.home / "sources.json"

    @property
    def notice_file(self) -> Path:
        """There while ``motcua notice on`` replaces the assistant."""
        return self.home / "notice.json"

    def secret(self, name: str) -> str:
        """A random secret kept in ``home`` with the owner's rights only, made on first use."""
        path = self.home / "secrets" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _keep_first(path, secrets.token_urlsafe(32))
        return path.read_text().strip()


def _keep_first(path: Path, text: str) -> None:
    """Write a whole file at once; of processes that start together the first wins, and nobody reads half a secret."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsInvalid: names the first wrong key; values of secrets are not shown.
    """
    try:
        return Settings()
    except ValidationError as exc:
        fault = exc.errors(include_input=False)[0]
        key = "MOTCUA_" + "_".join(str(part) for part in fault["loc"]).upper()
        raise SettingsInvalid(f"{key}: {fault['msg']}") from exc
