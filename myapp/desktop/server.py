"""Run Waitress on the socket that is bound already, and end it cleanly."""

import contextlib
import http.client
import logging
import socket
import threading
import time
from typing import Any

from waitress import create_server, wasyncore

from .wire import stand_guard

THREADS = 8
CONNECTIONS = 100
READY_SECONDS = 20.0
HELD_FOR_A_READER = 16 << 20
"""Bytes of an answer that are kept for who reads slowly; with more, its thread waits."""


class Server:
    """Waitress in a thread of its own, so that the main thread can wait for signals."""

    def __init__(
        self,
        app: Any,
        bound: socket.socket,
        connections: int = CONNECTIONS,
        threads: int = THREADS,
    ) -> None:
        # With more than four pages at work a short queue is normal, not worth a warning.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self.port: int = bound.getsockname()[1]
        self.waitress = create_server(
            app,
            sockets=[bound],
            threads=threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_header_size=64 << 10,
            max_request_body_size=9 << 30,
            outbuf_high_watermark=HELD_FOR_A_READER,
            channel_timeout=120,
            connection_limit=connections,
            # select() takes no file numbers beyond 1,023.
            asyncore_use_poll=connections > CONNECTIONS,
        )
        stand_guard(self.waitress, app.guard)
        self.thread = threading.Thread(target=self.run, name="server", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def run(self) -> None:
        with contextlib.suppress(OSError):
            self.waitress.run()

    def is_ready(self) -> bool:
        """Whether the server answers its own health request, within READY_SECONDS."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self.thread.is_alive():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/_desktop/health")
                if connection.getresponse().status == 200:
                    return True
            except OSError:
                time.sleep(0.01)
            finally:
                connection.close()
        return False

    def flush(self, seconds: float) -> None:
        """Wait until every answer has left the server's own buffers, at most `seconds`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(
            channel.requests or channel.total_outbufs_len
            for channel in list(self.waitress.active_channels.values())
        ):
            time.sleep(0.002)

    def stop(self) -> None:
        """End the loop from inside itself: from outside, open connections keep it alive."""

        def close() -> None:
            for channel in list(self.waitress.active_channels.values()):
                channel.handle_close()
            # Its pipe stays open: a thread whose answer is done just now still writes to it, and
            # the number of a closed one may be that of another file by then.
            self.waitress.trigger.del_channel()
            wasyncore.dispatcher.close(self.waitress)

        self.waitress.trigger.pull_trigger(close)
        self.thread.join(3)

    def cut_off(self, device: str) -> None:
        """Close the connections of a device of the network, also in the middle of an answer."""

        def close() -> None:
            for channel in list(self.waitress.active_channels.values()):
                if channel.device == device:
                    channel.handle_close()

        self.waitress.trigger.pull_trigger(close)

    def stop_whole(self) -> None:
        """End the threads as well: for a server that ends long before the program does."""
        self.stop()
        self.waitress.task_dispatcher.shutdown(timeout=1)
        if not self.waitress.task_dispatcher.threads:
            self.waitress.trigger.close()
