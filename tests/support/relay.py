"""Passes connections on, such as between networks over a Unix socket.

    relay(socket.create_server(("127.0.0.1", 6443)), lambda: connect_unix("/tmp/x/api.sock"))
"""

import socket
import threading


def connect_unix(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return connection


def listen_unix(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    return listener


def relay(listener, connect):
    """Returns at once; ends when the listener is closed. Connections end by themselves."""
    threading.Thread(target=_accept, args=(listener, connect), daemon=True).start()


def _accept(listener, connect):
    while True:
        try:
            client = listener.accept()[0]
        except OSError:
            return
        try:
            server = connect()
        except OSError:
            client.close()
            continue
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
