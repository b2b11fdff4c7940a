"""A TCP proxy that can swallow an answer and break the connection, as a bad network does.

    with CuttingProxy("127.0.0.1:50051") as proxy:
        ...connect to proxy.address...
        proxy.swallow()   # what the server says from here on is lost
        proxy.cut()       # breaks all connections; later ones work again
"""

import socket
import threading


class CuttingProxy:
    """Threads: any; one thread for each direction of a connection."""

    def __init__(self, target):
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._open = set()
        self._mute = set()  # of those, the ends that hear no answers
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self._listener.close()
        self.cut()

    def swallow(self):
        """From here on the answers on the present connections are lost."""
        with self._lock:
            self._mute = set(self._open)

    def cut(self):
        """Breaks the present connections. Who connects anew, however soon, hears all."""
        with self._lock:
            victims, self._open = self._open, set()
        for victim in victims:
            try:
                victim.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            with self._lock:
                self._open |= {client, server}
            for source, sink, is_answer in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._copy, args=(source, sink, is_answer),
                                 daemon=True).start()

    def _copy(self, source, sink, is_answer):
        try:
            while data := source.recv(65536):
                if not (is_answer and sink in self._mute):
                    sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
