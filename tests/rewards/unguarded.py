"""A database that has lost its guards, for the tests that tamper with it."""

from django.db import connection

from households.safeguards import expected_guards


def drop_guards():
    with connection.cursor() as cursor:
        for guard in expected_guards():
            table = "" if connection.vendor == "sqlite" else f' ON "{guard.table}"'
            cursor.execute(f'DROP TRIGGER "{guard.name}"{table}')
