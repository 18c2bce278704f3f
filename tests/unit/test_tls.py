"""How TLS connections are verified."""

from __future__ import annotations

import os
import pickle
import socket
import ssl
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from gradio_client.transport import tls
from gradio_client.transport.tls import TLS, lazy_context

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def client_files(authority: trustme.CA, tmp_path: Path) -> SimpleNamespace:
    issued = authority.issue_cert("client@example.com")
    found = SimpleNamespace(both=tmp_path / "both.pem", cert=tmp_path / "cert.pem", key=tmp_path / "key.pem")
    issued.private_key_and_cert_chain_pem.write_to_path(str(found.both))
    issued.cert_chain_pems[0].write_to_path(str(found.cert))
    issued.private_key_pem.write_to_path(str(found.key))
    return found


def make_context(*settings: Any, **named: Any) -> ssl.SSLContext:
    return lazy_context(*settings, **named)()


def handshake(
    authority: trustme.CA, context: ssl.SSLContext, *, name: str = "localhost", mutual: bool = False
) -> dict[str, Any] | None:
    """Connect to a server with a certificate for ``localhost`` under another name or this one.

    Returns:
        The client's certificate, which a server demands that is ``mutual``.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    if mutual:
        server.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(server)
    shown: list[dict[str, Any] | None] = [None]
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(theirs, server_side=True) as connection:
                connection.recv(1)
                shown[0] = connection.getpeercert()
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with context.wrap_socket(ours, server_hostname=name) as connection:
            connection.sendall(b"x")
    finally:
        ours.close()
        thread.join()
    return shown[0]


def test_by_default_servers_must_prove_who_they_are(authority: trustme.CA) -> None:
    context = make_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(authority, context)


def test_a_file_of_authorities_replaces_the_systems(authority: trustme.CA, ca_file: Path) -> None:
    context = make_context(ca_file)
    handshake(authority, context)
    assert context.cert_store_stats()["x509_ca"] == 1


def test_names_are_checked(authority: trustme.CA, ca_file: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(authority, make_context(ca_file), name="other.example.com")


def created_with(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The authorities that contexts are made with from now on."""
    asked: list[dict[str, Any]] = []

    def create(**where: Any) -> ssl.SSLContext:
        asked.append(where)
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    monkeypatch.setattr(ssl, "create_default_context", create)
    return asked


def test_a_folder_of_authorities_is_one_for_openssl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = created_with(monkeypatch)
    make_context(tmp_path)
    assert asked == [{"cafile": None, "capath": str(tmp_path)}]


def test_without_verification_any_server_will_do(authority: trustme.CA) -> None:
    handshake(authority, make_context(verify=False), name="other.example.com")


def test_a_context_of_the_callers_is_used_as_it_is() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert make_context(context) is context


def test_no_context_is_made_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl, "create_default_context", pytest.fail)
    lazy_context()


def test_the_same_settings_share_a_context(ca_file: Path) -> None:
    assert make_context(ca_file) is make_context(str(ca_file))
    assert make_context() is make_context()
    assert make_context() is not make_context(verify=False)


def test_a_file_that_has_changed_gives_a_new_context(ca_file: Path) -> None:
    settings = lazy_context(ca_file)
    before = settings()
    os.utime(ca_file, (1, 1))
    assert settings() is not before


def test_few_contexts_are_kept(ca_file: Path) -> None:
    for number in range(tls._CACHED + 8):
        os.utime(ca_file, (number, number))
        make_context(ca_file)
    assert len(tls._contexts) <= tls._CACHED
    tls._contexts.clear()


@pytest.mark.parametrize("variable", tls.CA_VARIABLES[:-1])
def test_the_environment_may_name_authorities(authority: trustme.CA, ca_file: Path, variable: str) -> None:
    handshake(authority, make_context(environ={variable: str(ca_file)}))


def test_the_environment_may_name_several_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = created_with(monkeypatch)
    folders = os.pathsep.join(["/nowhere", str(tmp_path)])
    make_context(environ={"SSL_CERT_DIR": folders})
    assert asked == [{"cafile": None, "capath": folders}]


def test_the_variable_of_requests_comes_first(ca_file: Path) -> None:
    settings = lazy_context(environ={"SSL_CERT_FILE": "/nowhere", "REQUESTS_CA_BUNDLE": str(ca_file)})
    assert isinstance(settings, TLS)
    assert settings.authorities == str(ca_file)


@pytest.mark.parametrize("verify", [False, "ca_file"])
def test_an_explicit_setting_outweighs_the_environment(verify: Any, ca_file: Path) -> None:
    settings = lazy_context(ca_file if verify else False, environ={"SSL_CERT_FILE": "/nowhere"})
    assert isinstance(settings, TLS)
    assert settings.authorities == (str(ca_file) if verify else "")


def test_an_empty_variable_counts_as_none() -> None:
    assert lazy_context(environ={"SSL_CERT_FILE": ""}) == lazy_context()


def test_a_missing_file_is_an_error_at_once() -> None:
    with pytest.raises(FileNotFoundError, match=r"verify= names '/nowhere/ca.pem', which does not exist"):
        lazy_context("/nowhere/ca.pem")
    with pytest.raises(FileNotFoundError, match=r"cert= names '/nowhere/key.pem', which does not exist"):
        lazy_context(cert=(__file__, "/nowhere/key.pem"))


def test_a_missing_file_of_the_environment_is_an_error_only_when_it_is_needed() -> None:
    settings = lazy_context(environ={"SSL_CERT_FILE": "/nowhere/ca.pem"})
    with pytest.raises(FileNotFoundError, match=r"SSL_CERT_FILE names '/nowhere/ca.pem'"):
        settings()


def test_a_file_without_certificates_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "empty.pem"
    path.write_text("nothing")
    with pytest.raises(ValueError, match=r"verify= names .*empty.pem'.*PEM"):
        make_context(path)
    with pytest.raises(ValueError, match=r"cert= names .*empty.pem'.*PEM"):
        make_context(cert=str(path))


def test_a_file_that_cannot_be_read_is_an_error_that_names_it(
    ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ssl, "create_default_context", refused)
    with pytest.raises(OSError, match=r"verify= names .*ca.pem'.*Permission denied"):
        make_context(ca_file)


@pytest.mark.parametrize("verify", [None, 1, 0, b"path", ["path"]])
def test_another_kind_of_verify_is_an_error(verify: Any) -> None:
    with pytest.raises(TypeError, match="verify= takes True, False"):
        lazy_context(verify)


def test_a_client_certificate_may_be_one_file_or_two(
    authority: trustme.CA, client_files: SimpleNamespace
) -> None:
    found = client_files
    for cert in (
        found.both,
        str(found.both),
        (found.both,),
        (found.cert, found.key),
        (found.both, None, None),
    ):
        shown = handshake(authority, make_context(verify=False, cert=cert), mutual=True)
        assert shown is not None
        assert ("email", "client@example.com") in shown["subjectAltName"]


def test_a_key_with_a_password_wants_it(client_files: SimpleNamespace, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as s  # noqa: PLC0415 - comes with trustme

    key = s.load_pem_private_key(client_files.key.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    scheme = s.BestAvailableEncryption(b"open sesame")
    locked.write_bytes(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, scheme))
    settings = lazy_context(cert=(client_files.cert, locked, "open sesame"))
    assert "sesame" not in repr(settings)
    settings()
    with pytest.raises(ValueError, match="password"):
        make_context(cert=(client_files.cert, locked))


@pytest.mark.parametrize("cert", [1, ("a", "b", "c", "d"), (None, "key"), True])
def test_another_kind_of_certificate_is_an_error(cert: Any) -> None:
    with pytest.raises(TypeError, match="cert= takes"):
        lazy_context(cert=cert)


def test_a_certificate_and_a_context_contradict_each_other() -> None:
    with pytest.raises(TypeError, match="load it into the context"):
        lazy_context(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), cert="x")


def test_a_system_without_authorities_gets_those_of_certifi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: SimpleNamespace(capath=None))
    assert tls._system().cert_store_stats()["x509_ca"] > 50


def test_certifi_is_not_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: SimpleNamespace(capath=None))
    monkeypatch.setitem(sys.modules, "certifi", None)
    assert tls._system().cert_store_stats()["x509_ca"] == 0


def test_a_folder_of_the_system_counts_as_authorities(monkeypatch: pytest.MonkeyPatch, ca_file: Path) -> None:
    monkeypatch.setattr(ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: SimpleNamespace(capath=str(ca_file.parent)))
    assert tls._system().cert_store_stats()["x509_ca"] == 0


def test_settings_can_be_pickled(ca_file: Path) -> None:
    settings = lazy_context(ca_file)
    assert pickle.loads(pickle.dumps(settings)) == settings
