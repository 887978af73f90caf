"""Four clients of Python against the program `server` and the echo of WebSockets.

clients.py CLIENT HTTP WS, where CLIENT is h11, httpx, aiohttp or websockets and the others are
HOST:PORT. It ends in failure, with the reason, at the first answer that is not as it should be.
"""

import asyncio
import socket
import sys

client, http, ws = sys.argv[1:]
LARGE = bytes(range(256)) * 4096  # 1 MiB


def same(what, got, expected):
    if got != expected:
        sys.exit(f"{client}: {what}: {got!r:.200} instead of {expected!r:.200}")


def with_h11():
    """A parser that takes nothing that RFC 9112 does not allow, and says so."""
    import h11

    host, port = http.split(":")
    stream = socket.create_connection((host, int(port)), timeout=20)
    connection = h11.Connection(h11.CLIENT)

    def ask(method, target, *body, headers=()):
        request = h11.Request(method=method, target=target, headers=[("Host", http), *headers])
        for event in [request, *(h11.Data(data=piece) for piece in body), h11.EndOfMessage()]:
            stream.sendall(connection.send(event))
        response, data, trailers = None, b"", None
        while trailers is None:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(stream.recv(65536))
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                data += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                trailers = event.headers
        connection.start_next_cycle()  # fails unless both sides keep the connection
        return response, data

    chunked = [("Transfer-Encoding", "chunked"), ("Content-Type", "text/plain")]
    for turn in range(3):
        response, data = ask("GET", "/health")
        same(f"GET, turn {turn}", (response.status_code, data), (200, b"ok\n"))
        response, data = ask("HEAD", "/health")
        same("HEAD", (response.status_code, data, dict(response.headers)[b"content-length"]), (200, b"", b"3"))
        response, data = ask("POST", "/api/echo", b"one ", b"two ", b"three", headers=chunked)
        same("POST in chunks", (response.status_code, data), (200, b"one two three"))
        response, data = ask("POST", "/health", headers=[("Content-Length", "0")])
        same("another method", (response.status_code, dict(response.headers)[b"allow"]), (405, b"GET, HEAD, OPTIONS"))
        response, data = ask("OPTIONS", "*")
        same("OPTIONS *", (response.status_code, data), (204, b""))


async def with_httpx():
    import httpx

    async with httpx.AsyncClient(base_url=f"http://{http}") as session:
        asked = [session.get("/api/data") for _ in range(20)]
        for answer in await asyncio.gather(*asked):
            same("JSON", answer.json()["message"], "Hello from Treadle")
        answer = await session.post("/api/echo", content=LARGE)
        same("1 MiB there and back", (answer.status_code, answer.content == LARGE), (200, True))

        async def pieces():
            for at in range(0, len(LARGE), 10_000):
                yield LARGE[at : at + 10_000]

        answer = await session.post("/api/echo", content=pieces())
        same("1 MiB in chunks", (answer.status_code, answer.content == LARGE), (200, True))
        same("nothing there", (await session.get("/nowhere")).status_code, 404)


async def with_aiohttp():
    import aiohttp

    async with aiohttp.ClientSession(f"http://{http}") as session:
        async with session.get("/", headers={"Accept-Encoding": "gzip"}) as answer:
            same("the page", (answer.status, "<h1>Treadle</h1>" in await answer.text()), (200, True))
        async with session.post("/api/echo", data=LARGE, expect100=True) as answer:
            same("100 Continue", (answer.status, await answer.read() == LARGE), (200, True))
        async with session.post("/api/echo", data=bytes(3 << 20), expect100=True) as answer:
            same("a body above the limit", answer.status, 413)
        async with session.ws_connect(f"ws://{ws}/", compress=15) as web_socket:
            await web_socket.send_str("grüß dich")
            same("a message", (await web_socket.receive()).data, "grüß dich")
            await web_socket.send_bytes(LARGE)
            same("a large message", (await web_socket.receive()).data == LARGE, True)
        same("the close code", web_socket.close_code, 1000)


async def with_websockets():
    from websockets.asyncio.client import connect

    async with connect(f"ws://{ws}/", max_size=None) as web_socket:
        await (await web_socket.ping())
        await web_socket.send(["in ", "three ", "frames"])
        same("a message in frames", await web_socket.recv(), "in three frames")
        await web_socket.send(LARGE)
        same("a large message", await web_socket.recv() == LARGE, True)
    same("the close code", web_socket.close_code, 1000)


def with_prometheus():
    from urllib.request import urlopen

    from prometheus_client.parser import text_string_to_metric_families

    for _ in range(3):
        urlopen(f"http://{http}/api/data").read()
    with urlopen(f"http://{http}/metrics") as answer:
        same("the kind", answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        families = {it.name: it for it in text_string_to_metric_families(answer.read().decode())}
    counts = [
        it.value
        for it in families["http_requests"].samples
        if it.labels == {"route": "/api/data", "method": "GET", "status": "200"}
    ]
    same("the requests", len(counts) == 1 and counts[0] >= 3, True)
    buckets = [
        it.value
        for it in families["http_request_duration_seconds"].samples
        if it.name.endswith("_bucket") and it.labels["route"] == "/api/data"
    ]
    same("buckets that grow", (buckets, buckets[-1]), (sorted(buckets), counts[0]))
    for name in ["connections_open", "received_bytes", "sent_bytes", "http_refusals", "runtime_polls"]:
        same(f"a family {name}", name in families, True)


answer = globals()[f"with_{client}"]()
if answer is not None:
    asyncio.run(asyncio.wait_for(answer, 60))
