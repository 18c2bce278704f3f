"""A program that ends without closing its clients ends at once, and says nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from core.fake_app import FakeApp, completed

# Python 3.12 and later say so of every process with threads, whatever they do.
FORKS_WITH_THREADS = "ignore:This process:DeprecationWarning"

START = """
import asyncio, atexit, sys, threading
from gradio_client import AsyncClient, Client
from gradio_client.exceptions import ClientClosedError
url, transport = sys.argv[1:]
"""

GOES_ON = "with a client of a thread that goes on after the main one"
PROGRAMS = {
    "with an open client": """
client = Client(url, verbose=False, transport=transport)
print(client.predict("done", api_name="/echo"))
""",
    "with a job under way": """
client = Client(url, verbose=False, transport=transport)
job = client.submit("stay", api_name="/other")
print("done")
""",
    "with a thread that waits for a job": """
client = Client(url, verbose=False, transport=transport)
job = client.submit("stay", api_name="/other")
threading.Thread(target=job.result, daemon=True).start()
print("done")
""",
    GOES_ON: """
def work():
    threading.main_thread().join()
    client = Client(url, verbose=False, transport=transport)
    print(client.predict("done", api_name="/echo"))
threading.Thread(target=work).start()
""",
    "after a closed client": """
with Client(url, verbose=False, transport=transport) as client:
    print(client.predict("done", api_name="/echo"))
""",
    "after a closed asynchronous client": """
async def main():
    async with AsyncClient(url, transport=transport) as client:
        client.submit("stay", api_name="/other")
        print(await client.predict("done", api_name="/echo"))
asyncio.run(main())
""",
    "with forked workers": """
import os
client = Client(url, verbose=False, transport=transport)
assert client.predict("parent", api_name="/echo") == "parent"
for _ in range(3):
    worker = os.fork()
    if worker == 0:
        assert client.predict("child", api_name="/echo") == "child"
        sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 7
print(client.predict("done", api_name="/echo"))
""",
    "with forked workers of a running loop": """
import os
client = AsyncClient(url, transport=transport)
async def main(said):
    assert await client.predict(said, api_name="/echo") == said
async def parent():
    await main("parent")
    worker = os.fork()
    if worker == 0:
        asyncio.events._set_running_loop(None)
        asyncio.run(main("child"))
        sys.stdout.flush()
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 7
    await main("done")
    await client.aclose()
asyncio.run(parent())
print("done")
""",
    "while a name is looked up": """
import pickle, socket, time
from gradio_client.exceptions import DeadlineError
named = Client(url.replace("127.0.0.1", "localhost"), verbose=False, transport=transport)
anew = pickle.loads(pickle.dumps(named))
socket.getaddrinfo = lambda *args, **kwargs: time.sleep(60)
try:
    anew.predict("late", api_name="/echo", timeout=0.2)
except DeadlineError:
    print("done")
""",
    "with an object that closes its client when Python frees it": """
class Owner:
    def __init__(self):
        self.client = Client(url, verbose=False, transport=transport)
        self.session = self.client.session()
        self.job = self.client.submit("stay", api_name="/other")
    def __del__(self, print=print):
        self.session.close()
        self.client.close()
        print("done")
owner = Owner()
""",
    "with an object that uses its client when Python frees it": """
class Owner:
    def __init__(self):
        self.client = Client(url, verbose=False, transport=transport)
        self.job = self.client.submit("stay", api_name="/other")
    def __del__(self, print=print, error=ClientClosedError, make=Client):
        self.job.add_done_callback(print)
        uses = [
            lambda: self.client.predict(1, api_name="/echo"),
            lambda: self.client.session().session_hash,
            lambda: list(self.client.map("/echo", [1])),
            lambda: make(url, verbose=False),
            lambda: next(self.job),
            lambda: list(self.job.events()),
            self.job.exception,
            self.job.result,
        ]
        refused = 0
        for use in uses:
            try:
                use()
            except error:
                refused += 1
        assert refused == len(uses), refused
        assert self.client.session_hash and not self.job.cancel()
        self.client.reset_session()
        print("done")
owner = Owner()
""",
    "with a client that is closed at exit": """
client = Client(url, verbose=False, transport=transport)
client.submit("stay", api_name="/other")
atexit.register(print, "done")
atexit.register(client.close)
""",
    "with a client that is closed by a thread that goes on after the main one": """
client = Client(url, verbose=False, transport=transport)
def work():
    threading.main_thread().join()
    client.close()
    print("done")
threading.Thread(target=work).start()
""",
    "with calls at exit": """
client = Client(url, verbose=False, transport=transport)
def call():
    try:
        with client:
            client.predict(1, api_name="/echo")
    except ClientClosedError:  # some transports need threads, which newer Pythons do not start any more
        pass
    print("done")
atexit.register(call)
""",
    "in a callback": """
client = Client(url, verbose=False, transport=transport)
said = threading.Event()
job = client.submit("done", api_name="/echo")
job.add_done_callback(lambda job: (print(job.result(), flush=True), said.set(), threading.Event().wait()))
said.wait()
""",
}


@pytest.mark.parametrize(
    ("program", "library"),
    [(program, "aiohttp") for program in PROGRAMS]
    + [
        (program, library)
        for program in (
            "with a job under way",
            "with forked workers",
            "with an object that closes its client when Python frees it",
            "with a client that is closed at exit",
            "with calls at exit",
        )
        for library in ("requests", "httpx")
    ],
)
def test_a_program_ends_at_once_and_says_nothing(app: FakeApp, program: str, library: str) -> None:
    if program == GOES_ON and (3, 12) <= sys.version_info < (3, 12, 2):
        pytest.skip("this Python starts no thread any more after the main one has ended")
    app.on_join = lambda event, body: [] if body["data"] == ["stay"] else [completed(event, *body["data"])]
    ended = subprocess.run(
        [sys.executable, "-W", FORKS_WITH_THREADS, "-c", START + PROGRAMS[program], app.url, library],
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (ended.stdout.decode().strip(), ended.returncode) == ("done", 0)
    assert ended.stderr.decode() == ""
