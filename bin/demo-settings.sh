# Read by bin/setup --demo and bin/serve --demo: everything of the example lives under var/demo, and no letter leaves it.
# shellcheck shell=bash

# The real organisation's .env is not read, and what the shell may have exported from it is set back.
export READ_DOT_ENV=False
export DAYLIGHT_MODE=embedded
export DEBUG=False
export DEMO=True
export DATA_DIR=$PWD/var/demo
export DATABASE_URL=sqlite:///$PWD/var/demo/daylight.sqlite3
export STORE_DIR=$PWD/var/demo/store
export DERIVED_DIR=$PWD/var/demo/derived
export REDIS_URL=
export LAW_OVERLAY_DIR=
export EMAIL_URL=filemail://
unset ALLOWED_HOSTS SITE_URL ORGANISATION_NAME SECRET_KEY SALT_KEY SECRET_KEY_FILE SALT_KEY_FILE
