"""Entry point for gunicorn; refuses to serve a database without its safeguards."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application

from households.safeguards import require_guards

application = get_wsgi_application()
require_guards()
