"""The nginx of deploy/ on loopback: with throw-away certificates, and its paths and ports led elsewhere."""

import os
import pwd
import shutil
import subprocess
import time
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPSConnection
from pathlib import Path
from socket import create_connection
from ssl import create_default_context

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support.web_server import free_port

ROOT = Path(__file__).resolve().parents[2]
HOST = "yoyaku.example.jp"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
# OpenSSL looks at the real clock, wherever a test has travelled.
LONG_AGO, FAR_AWAY = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)
# Debian's own frame of every site; what it says and our file does not take back holds for us too.
FRAME = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    ssl_prefer_server_ciphers on;
    gzip on;
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Authority:
    """Somebody who signs certificates."""

    def __init__(self, name):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._signed(self.name, self.key, is_authority=True)

    def _signed(self, subject, key, *, until=FAR_AWAY, is_authority=False):
        names = x509.SubjectAlternativeName([x509.DNSName(HOST)])
        return (
            x509.CertificateBuilder(self.name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(LONG_AGO)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(names, critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def write(self, path):
        """Write the certificate of the authority."""
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def issue(self, folder, name, *, until=FAR_AWAY, named=("{name}.pem", "{name}.key")):
        """Write a certificate and its key; return both paths."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._signed(subject, key, until=until)
        paths = tuple(folder / each.format(name=name) for each in named)
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return paths


class Front:
    """nginx before an application on a port of this machine."""

    def __init__(self, folder, application):
        """Write its files into a folder: certificates, also of one terminal, and the maintenance page."""
        self.folder, self.port, self.plain_port, self.process = folder, free_port(), free_port(), None
        tls = folder / "tls"
        tls.mkdir(parents=True)
        self.public, self.terminals = Authority("public"), Authority("terminals")
        self.public.write(tls / "public.pem")
        self.public.issue(tls, HOST, named=("fullchain.pem", "privkey.pem"))
        self.terminals.write(tls / "terminals-ca.pem")
        self.terminal = self.terminals.issue(tls, "terminal")
        (folder / "maintenance.html").write_text("<h1>ただいまご利用いただけません</h1>", encoding="utf-8")
        site = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
        for there, here in (
            ("127.0.0.1:8000", f"127.0.0.1:{application}"),
            ("listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
            ("listen [::]:80;", ""),
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;"),
            ("listen [::]:443 ssl http2;", ""),
            ("/etc/madoguchi/tls", str(tls)),
            ("/var/www/madoguchi", str(folder)),
            ("/var/log/nginx", str(folder)),
        ):
            assert there in site, there
            site = site.replace(there, here)
        (folder / "site.conf").write_text(site, encoding="utf-8")
        # Started by root it would hand over to somebody who may not read the folders of tests.
        user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
        self.configuration = folder / "nginx.conf"
        self.configuration.write_text(FRAME.format(user=user, folder=folder), encoding="utf-8")

    def start(self):
        """Start it and wait until it listens."""
        command = [NGINX, "-e", self.folder / "error.log", "-p", self.folder, "-c", self.configuration]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.process.kill()
        raise AssertionError(self.process.communicate()[1].decode())

    def stop(self):
        """Stop it; its workers end with it."""
        self.process.terminate()
        self.process.communicate(timeout=30)

    @cache  # noqa: B019 - as long as the test
    def _trust(self, terminal):
        trust = create_default_context(cafile=self.folder / "tls/public.pem")
        if terminal:
            trust.load_cert_chain(*terminal)
        return trust

    def ask(self, path, *, method="GET", body=None, headers=(), terminal=None, source="127.0.0.1"):
        """Ask for a page over TLS, perhaps as a terminal; return status, headers and body."""
        trust = self._trust(terminal)
        call = HTTPSConnection("127.0.0.1", self.port, timeout=30, context=trust, source_address=(source, 0))
        call.sock = trust.wrap_socket(
            create_connection(("127.0.0.1", self.port), timeout=30, source_address=(source, 0)),
            server_hostname=HOST,
        )
        try:
            call.request(method, path, body, {"Host": HOST, **dict(headers)})
            reply = call.getresponse()
            return reply.status, reply.headers, reply.read()
        finally:
            call.close()
