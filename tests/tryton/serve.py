"""Serves a Tryton database on a free port of loopback, and says which. Ends with whoever started it.

    serve.py CONFIGURATION DATABASE
"""
import json
import os
import shutil
import signal
import sys
import threading

os.environ['TRYTOND_CONFIG'], os.environ['TRYTOND_DATABASE_NAMES'] = sys.argv[1:3]

from trytond.application import app  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass


def end(*_):
    # Where the test was killed, nobody else clears away.
    folder = os.path.dirname(os.path.abspath(sys.argv[1]))
    if os.path.basename(folder).startswith('clientele-tryton-'):
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def end_with_the_parent():
    sys.stdin.buffer.read()
    end()


signal.signal(signal.SIGTERM, end)
server = make_server('127.0.0.1', 0, app, threaded=True, request_handler=Quiet)
threading.Thread(target=end_with_the_parent, daemon=True).start()
print(json.dumps({'port': server.server_port}), flush=True)
server.serve_forever()
