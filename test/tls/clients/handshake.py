"""Handshakes as a strict client. CA in PEM on standard input; arguments: port, server name."""
import socket
import ssl
import sys

port, name = int(sys.argv[1]), sys.argv[2]
context = ssl.create_default_context(cadata=sys.stdin.read())
context.verify_flags |= ssl.VERIFY_X509_STRICT
try:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        with context.wrap_socket(raw, server_hostname=name) as secured:
            print(secured.version())
except ssl.SSLCertVerificationError as error:
    print(error.verify_code, error.verify_message)
    sys.exit(1)
