"""A real Pupitre, served by granian, asked over a real socket."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from pupitre.config.lock import is_working
from tests.serving import Served, clean_environment, free_port, serving

pytestmark = [pytest.mark.slow, pytest.mark.once]


def ask(
    served: Served, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)) as line:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body=body, headers=sent)
        answer = line.getresponse()
        return answer.status, answer.headers, answer.read()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/events?source=shop"])
def test_the_collectors_place_answers_404_as_json_ahead_of_django(
    served: Served, method: str, path: str
) -> None:
    status, headers, body = ask(served, path, method=method, body=b"{}")
    assert status == 404
    assert headers["content-type"] == "application/json"
    assert json.loads(body)["code"] == "not_found"
    assert json.loads(body)["message"]
    assert "content-security-policy" not in headers  # which Django puts on whatever it answers


def test_a_name_that_only_begins_like_it_is_djangos(served: Served) -> None:
    status, headers, _ = ask(served, "/v1x")
    assert status != 500
    assert "content-security-policy" in headers


def test_health_says_how_it_is_and_nothing_else(served: Served) -> None:
    status, headers, body = ask(served, "/health")
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    said = json.loads(body)
    assert said["status"] == "ok"
    assert {"database", "migrations", "data folder", "shared cache"} <= said["checks"].keys()
    assert str(served.data_dir) not in body.decode()


def test_a_static_file_named_by_its_content_is_kept_for_ever_and_compressed(served: Served) -> None:
    page = ask(served, "/account/login/")[2].decode()
    hashed = re.findall(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
    assert hashed, "the sign-in page links to no stylesheet named by its content"
    status, headers, body = ask(served, hashed[0], accept_encoding="gzip")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert headers["content-encoding"] == "gzip"
    assert headers["x-content-type-options"] == "nosniff"
    assert body[:2] == b"\x1f\x8b"

    plain = re.sub(r"\.[0-9a-f]{12}\.", ".", hashed[0])
    status, headers, _ = ask(served, plain)
    assert status == 200
    assert "immutable" not in headers["cache-control"]


def test_a_path_out_of_the_static_folder_is_not_served(served: Served) -> None:
    for path in ("/static/../secret_key", "/static/%2e%2e/secret_key", "/static//etc/passwd"):
        status, _, body = ask(served, path)
        assert status in (400, 404)
        key = (served.data_dir / "demo" / "secret_key").read_bytes()
        assert key not in body


def test_a_body_over_the_bound_is_refused_in_words_whether_announced_or_not(served: Served) -> None:
    body = b"x" * (7 * 1024 * 1024)
    status, _, said = ask(served, "/account/login/", method="POST", body=body)
    assert status == 413
    assert "5 Mo" in said.decode()
    assert "5 MB" in said.decode()

    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)) as line:
        chunks = (body[: 1024 * 1024] for _ in range(7))
        line.request("POST", "/account/login/", body=chunks, encode_chunked=True)
        assert line.getresponse().status == 413


@pytest.mark.parametrize("how", ["told to stop", "Ctrl-C", "killed"])
def test_it_leaves_no_process_behind(tmp_path: Path, how: str) -> None:
    with serving(tmp_path / "var") as served:
        main = served.process.pid
        deadline = time.monotonic() + 60
        while not is_working(served.data_dir) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(session_members(main)) >= 4, "the server, two web processes and the worker"
        if how == "Ctrl-C":
            os.killpg(main, signal.SIGINT)  # what a terminal does
        else:
            os.kill(main, signal.SIGKILL if how == "killed" else signal.SIGTERM)
        code = served.process.wait(30)
        while session_members(main) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert session_members(main) == []
        assert not is_working(served.data_dir)
        if how != "killed":
            assert code == 0
            assert "ERROR" not in served.said()
            assert "Traceback" not in served.said()


def session_members(session: int) -> list[str]:
    """Processes that the server started, by their command lines."""
    members = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError, FileNotFoundError):
            if os.getsid(int(entry.name)) == session:
                members.append((entry / "cmdline").read_text().replace("\0", " "))
    return members


def test_a_port_that_is_taken_is_said_in_one_line(served: Served, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pupitre", "run", "--no-worker", "--port", str(served.port)],
        env=clean_environment(tmp_path / "var"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert f"127.0.0.1:{served.port}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_demonstration_refuses_another_servers_open_address(tmp_path: Path) -> None:
    """Loaded by uvicorn on every address, it answers this machine's loopback alone."""
    port = free_port()
    environment = clean_environment(tmp_path / "var", PUPITRE_DEMO="true")
    environment["DJANGO_SETTINGS_MODULE"] = "pupitre.config.settings"
    for host in ("0.0.0.0", "192.0.2.7"):
        refused = subprocess.run(
            [sys.executable, "-c", "import pupitre.config.asgi"],
            env={**environment, "PUPITRE_HOST": host},
            capture_output=True,
            text=True,
            check=False,
        )
        assert refused.returncode == 1
        assert "ImproperlyConfigured: PUPITRE_DEMO" in refused.stderr
        assert host in refused.stderr
    del port
