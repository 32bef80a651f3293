"""Servers are stood in for: nothing is resolved, connected or sent; a response is an answer, the request is an effect.

The stand-in is the connection: requests are written into it and a response is read from it, so that redirects, cookies, codings,
errors and retries stay those of the library that asks (`http.client`, `urllib`, `urllib3`, `requests`, `httpcore`, `httpx`).
"""

import io
import os

from . import arrivals, onload
from .answers import RESPONSE, answers, as_bytes, stands_in
from .effects import placeless
from .world import world

_PORTS = {"http": 80, "https": 443}
# What libraries send of themselves.
_OWN = frozenset(("host", "connection", "accept-encoding", "content-length", "transfer-encoding"))
_AGENTS = ("python-requests/", "Python-urllib/", "python-urllib3/", "python-httpx/")
_NO_BODY = frozenset((204, 304))


def install():
    onload.when_loaded("http.client", _patch_client)
    onload.when_loaded("ssl", _patch_certificates)
    onload.when_loaded("urllib3.connection", _patch_urllib3)
    onload.when_loaded("httpcore._backends.sync", _patch_httpcore)
    onload.when_loaded("httpcore._backends.auto", _patch_httpcore_async)


class _Server:
    """What a request is written to and a response is read from."""

    def __init__(self, scheme, host, port, verified=True):
        self.scheme, self.host, self.port = scheme, host, port
        arrivals.tell("http.client.connect", (None, host, port))
        self.verified = verified
        self.sent = bytearray()
        self.response = None

    def write(self, data):
        self.response = None
        self.sent += data
        has_head = b"\r\n\r\n" in self.sent
        if has_head and (_is_whole(self.sent) or answers.next_is_nobody(RESPONSE, "response-status")):
            self.answered()

    def answered(self):
        """The response, as bytes to be read."""
        if self.response is None:
            method, target, headers, body = _parsed(bytes(self.sent))
            del self.sent[:]
            self._tell(method, target, headers, body)
            answer = answers.next(RESPONSE)
            status = answer.get("response-status", 200)
            if status is None:
                raise ConnectionRefusedError(111, "Connection refused")
            self.response = io.BytesIO(_response(method, status, answer))
        return self.response

    def _tell(self, method, target, headers, body):
        port = "" if self.port in (None, _PORTS[self.scheme]) else ":%s" % self.port
        where = target if "://" in target else "%s://%s%s%s" % (self.scheme, self.host, port, target)
        parts = [method, where]
        if not self.verified:
            parts.append("unverified")
        parts.extend("%s: %s" % pair for pair in sorted(headers) if not _is_usual(*pair))
        if body:
            parts.append(body.decode("utf-8", "backslashreplace"))
        world.note("request", placeless(" ".join(parts))[:2000])


def _is_usual(name, value):
    name = name.lower()
    return name in _OWN or name == "accept" and value == "*/*" or name == "user-agent" and value.startswith(_AGENTS)


def _is_whole(sent):
    """Whether all of a request was written, so that it has happened whether or not somebody reads the response."""
    head, _, body = bytes(sent).partition(b"\r\n\r\n")
    head = head.lower()
    if b"\ntransfer-encoding:" in head:
        return body.endswith(b"0\r\n\r\n")
    at = head.find(b"\ncontent-length:")
    if at < 0:
        return True
    length = head[at + 16:].split(b"\r", 1)[0].strip()
    return not length.isdigit() or len(body) >= int(length)


def _parsed(sent):
    """Method, target, headers and body of a request."""
    head, _, body = sent.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, _, rest = lines[0].partition(" ")
    headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
    if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        body = _unchunked(body)
    return method, rest.rpartition(" ")[0] or rest, headers, body


def _unchunked(data):
    parts = []
    while data:
        size, _, data = data.partition(b"\r\n")
        try:
            length = int(size.split(b";")[0], 16)
        except ValueError:
            break
        if not length:
            break
        parts.append(data[:length])
        data = data[length + 2:]
    return b"".join(parts)


def _response(method, status, answer):
    status = status if isinstance(status, int) and 200 <= status < 600 else 200
    body = answer.get("response-body", b"{}")
    given = answer.get("response-headers")
    headers = {"Content-Type": "text/plain; charset=utf-8" if isinstance(body, (str, bytes)) and body != b"{}" else "application/json"}
    for name, value in (given.items() if isinstance(given, dict) else ()):
        name, value = _on_a_line(name), _on_a_line(value)
        if name:
            headers[name] = value
    body = b"" if method == "HEAD" or status in _NO_BODY else as_bytes(body)
    # How long it is, and that nothing follows, must be true.
    kept = [pair for pair in headers.items() if pair[0].lower() not in ("content-length", "transfer-encoding", "connection", "content-encoding")]
    kept += [("Content-Length", str(len(body))), ("Connection", "close")]
    from http import HTTPStatus
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = ""
    head = "HTTP/1.1 %d %s\r\n%s\r\n" % (status, reason, "".join("%s: %s\r\n" % pair for pair in kept))
    return head.encode("latin-1", "replace") + body


def _on_a_line(text):
    return " ".join(str(text).split()).strip(":")


class _Socket:
    """A server as `http.client` and `urllib3` want to have it."""

    def __init__(self, server):
        self._server = server

    def sendall(self, data, _flags=0):
        self._server.write(data)

    def send(self, data, _flags=0):
        self._server.write(data)
        return len(data)

    def makefile(self, mode="r", buffering=None, **_options):
        return io.BufferedReader(_Reader(self._server)) if "b" in mode else io.TextIOWrapper(io.BufferedReader(_Reader(self._server)))

    def recv(self, size, _flags=0):
        return self._server.answered().read(size)

    def recv_into(self, buffer, size=0, _flags=0):
        data = self.recv(size or len(buffer))
        buffer[:len(data)] = data
        return len(data)

    def getpeercert(self, binary_form=False):
        return b"" if binary_form else {}

    def version(self):
        return "TLSv1.3"

    def selected_alpn_protocol(self):
        return None

    def gettimeout(self):
        return None

    def getpeername(self):
        return self._server.host, self._server.port

    def getsockname(self):
        return "127.0.0.1", 40000

    def _nothing(self, *_args, **_options):
        return None

    settimeout = setblocking = setsockopt = getsockopt = close = shutdown = detach = _nothing

    def fileno(self):
        return -1


class _Reader(io.RawIOBase):
    def __init__(self, server):
        super().__init__()
        self._server = server

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._server.answered().readinto(buffer)


# `http.client`, and what is made of it

def _place(connection):
    """Where a connection leads, also through a proxy."""
    host = getattr(connection, "_tunnel_host", None)
    return (host, connection._tunnel_port) if host else (connection.host, connection.port)


def _patch_client(module):
    _patch_connect(module.HTTPConnection, "http", lambda _connection: True)
    if hasattr(module, "HTTPSConnection"):
        _patch_connect(module.HTTPSConnection, "https", lambda connection: _is_verified(connection._context))


def _is_verified(context):
    return context is None or getattr(context, "verify_mode", 1) != 0


def _patch_connect(kind, scheme, is_verified, after=None):
    original = kind.connect

    def connect(self):
        if not stands_in():
            return original(self)
        verified = is_verified(self)
        # A proxy's connection speaks plainly until a tunnel leads through it.
        tunnelled = scheme == "http" and getattr(self, "_tunnel_host", None)
        self.sock = _Socket(_Server("https" if tunnelled else scheme, *_place(self), verified=verified))
        if after is not None:
            after(self, verified)

    kind.connect = connect


def _patch_urllib3(module):
    def is_verified(connection):
        return str(getattr(connection, "cert_reqs", None)) not in ("CERT_NONE", "VerifyMode.CERT_NONE", "0")

    def after(connection, verified):
        connection.is_verified = verified
        if hasattr(connection, "proxy_is_verified"):
            connection.proxy_is_verified = None

    _patch_connect(module.HTTPConnection, "http", lambda _connection: True)
    _patch_connect(module.HTTPSConnection, "https", is_verified, after)


def _patch_certificates(module):
    """Reading all certificates takes longer than the rest of a request, and nobody's certificate is looked at."""
    kind = module.SSLContext
    load_default, load = kind.load_default_certs, kind.load_verify_locations

    def load_default_certs(self, *args, **options):
        if not stands_in():
            load_default(self, *args, **options)

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        there = all(path is None or os.path.exists(path) for path in (cafile, capath))
        if not stands_in() or not there or cadata is not None:
            load(self, cafile, capath, cadata)

    kind.load_default_certs, kind.load_verify_locations = load_default_certs, load_verify_locations


# `httpcore`, below `httpx`

def _patch_httpcore(module):
    _patch_backend(module.SyncBackend, False)


def _patch_httpcore_async(module):
    import asyncio  # noqa: F401 - the library loads it at its first request, and coroutines need its loop before
    _patch_backend(module.AutoBackend, True)


def _patch_backend(kind, is_asynchronous):
    original = kind.connect_tcp
    if is_asynchronous:
        async def connect_tcp(self, host, port, *args, **options):
            if not stands_in():
                return await original(self, host, port, *args, **options)
            return _AsynchronousStream(_Server("http", _text(host), port))
    else:
        def connect_tcp(self, host, port, *args, **options):
            if not stands_in():
                return original(self, host, port, *args, **options)
            return _Stream(_Server("http", _text(host), port))
    kind.connect_tcp = connect_tcp


def _text(host):
    return host.decode("ascii") if isinstance(host, bytes) else host


class _Stream:
    def __init__(self, server):
        self._server = server

    def read(self, max_bytes, timeout=None):
        return self._server.answered().read(max_bytes)

    def write(self, buffer, timeout=None):
        _translated(self._server.write, buffer)

    def close(self):
        pass

    def start_tls(self, ssl_context, server_hostname=None, timeout=None):
        self._server.scheme, self._server.verified = "https", _is_verified(ssl_context)
        return self

    def get_extra_info(self, info):
        return False if info == "is_readable" else None


def _translated(act, *args):
    """As the library's own backend: errors of the system are its own errors."""
    try:
        return act(*args)
    except ConnectionError as error:
        from httpcore import ConnectError
        raise ConnectError(str(error)) from error


class _AsynchronousStream:
    def __init__(self, server):
        self._stream = _Stream(server)

    async def read(self, max_bytes, timeout=None):
        return self._stream.read(max_bytes)

    async def write(self, buffer, timeout=None):
        self._stream.write(buffer)

    async def aclose(self):
        pass

    async def start_tls(self, ssl_context, server_hostname=None, timeout=None):
        self._stream.start_tls(ssl_context)
        return self

    def get_extra_info(self, info):
        return self._stream.get_extra_info(info)
