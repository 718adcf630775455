"""Handshakes as a strict client. CA in PEM on standard input; arguments: port/name of each server."""
import socket
import ssl
import sys

context = ssl.create_default_context(cadata=sys.stdin.read())
context.verify_flags |= ssl.VERIFY_X509_STRICT
for argument in sys.argv[1:]:
    port, name = argument.split("/")
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=20) as raw:
            with context.wrap_socket(raw, server_hostname=name) as secured:
                print(secured.version())
    except ssl.SSLCertVerificationError as error:
        print(error.verify_message)
