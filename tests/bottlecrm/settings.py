"""BottleCRM's own settings for a private server of the tests: SQLite in the folder of the test, no mail, no Redis."""

import os

FOLDER = os.environ["BOTTLECRM_FOLDER"]
# Its log files are opened in the folder where it is started, which is that of the test.
os.chdir(FOLDER)

from crm.settings import *  # noqa: E402, F401, F403

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.path.join(FOLDER, "db.sqlite3"),
        # Several people write at once: a transaction that begins by reading could not become a writing one.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        },
    }
}


class WithoutMigrations:
    """The tables come from the models: 2 s, where the history of their migrations takes 80."""

    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


MIGRATION_MODULES = WithoutMigrations()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
CELERY_BROKER_URL = "memory://"
CELERY_RESULT_BACKEND = "cache+memory://"
CELERY_TASK_ALWAYS_EAGER = True
MEDIA_ROOT = os.path.join(FOLDER, "media")
DEBUG = False
