"""Everything that the client raises on its own account.

* GradioClientError
  + AppError (ValueError)                  the app's own code failed, or refused the values
    - QuotaExceededError                   the visitor's ZeroGPU quota is used up
  + ValidationError (ValueError)           the app's validators refused the arguments
  + ArgumentError (TypeError)              the arguments do not fit the endpoint; nothing was sent
    - UnsendableArgumentError (ValueError) an argument has no JSON form, as NaN has none
  + EndpointNotFoundError (ValueError)     no such endpoint, or none was chosen
    - InvalidAPIEndpointError              the endpoint exists but is not offered to API clients
  + SourceError (ValueError)               the source names no app
  + UnsupportedServer (ValueError)         the server speaks a protocol this client does not
  + AuthenticationError (ValueError)       credentials are missing or wrong
  + TooManyRequestsError                   status 429
  + QueueError                             the queue is full or closed
  + ServerError (ValueError)               an HTTP answer that the protocol does not foresee
  + FileTooLargeError (ValueError)         a file exceeds a limit
  + DownloadError (ValueError)             an output file could not be fetched or saved
  + UnreachableError (ConnectionError)     the app could not be reached; nothing was sent
  + ConnectionLost (ConnectionError)       the connection broke; the outcome is unknown
  + AppRestartedError (ConnectionError)    the app was restarted and lost the session; nothing was sent
  + DeadlineError (TimeoutError)           the server was silent, or the deadline passed
  + ClientClosedError (RuntimeError)       the client was closed
  + PluginError (RuntimeError)             a plugin failed; the request it was for was not sent
  + SpaceUnavailableError (ValueError)     a Space is paused, broken or being deleted
  + SpaceDuplicationError                  duplicating a Space failed
  + SerializationSetupError (ValueError)   kept for code that catches it; never raised

The built-in second bases are those of ``gradio_client`` 2.7.2, or the ones Python programs expect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from gradio_client.domain.printable import printable
from gradio_client.domain.quota import Quota

T = TypeVar("T")

BODY_HEAD = 300  # characters of a response body that an error keeps


@dataclass(frozen=True, slots=True)
class Where:
    """What an error is about; every field may be unknown."""

    app: str | None = None
    endpoint: str | None = None
    event_id: str | None = None
    status: int | None = None
    body: str | None = None


class _Known(Generic[T]):
    """A field of an error's ``where``; a subclass may give itself an attribute of the same name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, error: GradioClientError | None, owner: type | None = None) -> T | None:
        value: T | None = None if error is None else getattr(error.where, self._name)
        return value


def _remade(kind: type[GradioClientError], args: tuple[object, ...]) -> GradioClientError:
    made = kind.__new__(kind)
    made.args = args
    return made


class GradioClientError(Exception):
    """Base class of the client's errors.

    Attributes:
        message: what happened, and what to do.
        where: what the error is about, as far as it is known.
        app: the app's address, if it is known.
        endpoint: the endpoint's name with its slash, or ``fn_index=N``, if it is known.
        event_id: the server's name for the job, if it is known.
        status: the HTTP status, if there was one.
        body: the first characters of the response body, if there was one.
        retryable: whether the same call may succeed later without harm.
        retry_after: seconds that the server asked to be left alone, if it did.
        advice: what to do about errors of this kind; the message may be more specific.
    """

    advice = "Read the message."
    retryable = False
    retry_after: float | None = None

    def __init__(self, message: str = "", *, where: Where | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where or Where()

    app = _Known[str]()
    endpoint = _Known[str]()
    event_id = _Known[str]()
    status = _Known[int]()
    body = _Known[str]()

    def __reduce__(self) -> tuple[object, ...]:
        # Subclasses of others have constructors of their own, which want what nobody knows any more.
        return _remade, (type(self), self.args), self.__dict__

    def locate(
        self, *, app: str | None = None, endpoint: str | None = None, event_id: str | None = None
    ) -> GradioClientError:
        """This error, with what it lacks filled in."""
        known = self.where
        self.where = replace(
            known,
            app=known.app or app,
            endpoint=known.endpoint or endpoint,
            event_id=known.event_id or event_id,
        )
        return self

    def __str__(self) -> str:
        parts = (("app", self.app), ("endpoint", self.endpoint), ("event", self.event_id))
        about = ", ".join(f"{name} {value}" for name, value in parts if value)
        return printable(f"{self.message} [{about}]" if about else self.message)


class AppError(GradioClientError, ValueError):
    """The app raised an error while it ran the job (protocol section 5.8).

    Attributes:
        message: the app's text, which may be HTML.
        title: its heading.
        duration: seconds the app's own page would show it; None until dismissed.
        visible: whether the app's own page would show it.
        print_exception: whether the server was to log a traceback.
    """

    advice = "Read the text: it is the app's own. The same arguments will most likely fail again."

    def __init__(
        self,
        message: str = "Error raised.",
        duration: float | None = 10,
        visible: bool = True,  # noqa: FBT001, FBT002 - positional in gradio_client 2.7.2
        title: str = "Error",
        print_exception: bool = True,  # noqa: FBT001, FBT002 - likewise
        *,
        where: Where | None = None,
    ) -> None:
        super().__init__(message, where=where)
        self.title = title
        self.duration = duration
        self.visible = visible
        self.print_exception = print_exception

    def __str__(self) -> str:
        return printable(self.message)  # programs compare the app's text


class QuotaExceededError(AppError):
    """The caller's ZeroGPU quota does not suffice for the call (protocol section 3.4).

    Attributes:
        requested: seconds of GPU time that the call wanted; None when the app did not say.
        left: seconds of GPU time that were left; likewise.
        retry_after: seconds until there is quota again; likewise.
    """

    advice = "Wait for retry_after seconds, or pass the token of an account with more quota."

    def __init__(
        self, message: str = "Error raised.", *, quota: Quota | None = None, where: Where | None = None
    ) -> None:
        super().__init__(message, where=where)
        found = quota or Quota()
        self.requested, self.left, self.retry_after = found.requested, found.left, found.retry_after


class ValidationError(GradioClientError, ValueError):
    """The app's validators refused the arguments; the message lists each refusal."""

    advice = "Fix the arguments that the message lists."

    def __str__(self) -> str:
        return printable(self.message)  # as with AppError


class ArgumentError(GradioClientError, TypeError):
    """The arguments do not fit the endpoint's parameters. Nothing was sent."""

    advice = "Fix the call; view_api() shows what the endpoint takes."


class UnsendableArgumentError(ArgumentError, ValueError):
    """An argument has no JSON form: it is NaN, goes in circles, or is of no JSON type. Nothing was sent."""

    advice = "Send a value that JSON has: None for NaN, text for a date, handle_file() for a file."


class EndpointNotFoundError(GradioClientError, ValueError):
    """The app has no such endpoint, or has several and none was named."""

    advice = "Pass one of the names that the message lists as api_name=."


class InvalidAPIEndpointError(EndpointNotFoundError):
    """The endpoint is private, or runs in the browser only."""

    advice = "Ask the app's author to offer it, or call another endpoint."


class SourceError(GradioClientError, ValueError):
    """The source is neither a URL nor the name of a Space."""

    advice = "Pass the URL of an app, or a Space as owner/name."


class UnsupportedServer(GradioClientError, ValueError):  # noqa: N818 - the name the documentation uses
    """The server speaks a protocol that this client does not; the message names its version."""

    advice = "Have the app upgraded to Gradio 4 or later, or use the client that the message names."


class AuthenticationError(GradioClientError, ValueError):
    """The app wants credentials that were not given, or refused those that were."""

    advice = "Pass auth= for the app's own login, or token= for a private Space."


class TooManyRequestsError(GradioClientError):
    """The server or a proxy answered 429."""

    advice = "Wait for retry_after seconds, or allow more of retry=Retry(...)."

    retryable = True


class QueueError(GradioClientError):
    """The app's queue is full, or closed because the server stops."""

    advice = "Call again later, or allow more of retry=Retry(...)."

    retryable = True


class ServerError(GradioClientError, ValueError):
    """The server gave an answer that the protocol does not foresee."""

    advice = "Check the address; if the app was restarted or has replicas, make a new client."


class FileTooLargeError(GradioClientError, ValueError):
    """A file is larger than the app accepts, or than the client was told to take."""

    advice = "Send or ask for less, or raise the limit that the message names."


class DownloadError(GradioClientError, ValueError):
    """An output file could not be fetched or saved."""

    advice = "Check the folder and the app; the job itself has run."


class UnreachableError(GradioClientError, ConnectionError):
    """No connection to the app could be made. Nothing was sent."""

    advice = "Check the address, the network and the proxy, and that the app runs; then call again."

    retryable = True


class ConnectionLost(GradioClientError, ConnectionError):  # noqa: N818 - the name the documentation uses
    """The connection broke, so the outcome is unknown: the job may or may not have run."""

    advice = "Call again only if it does no harm that the job runs twice."


class AppRestartedError(GradioClientError, ConnectionError):
    """The app was restarted, so what it kept for the session is gone. Nothing was sent; call again."""

    advice = "Call again: the next call belongs to a new session, with the app's initial state."

    retryable = True


class DeadlineError(GradioClientError, TimeoutError):
    """The server sent nothing for too long, or the call's deadline passed."""

    advice = "Allow more time with timeout= or timeouts=; call again if running twice does no harm."


class ClientClosedError(GradioClientError, RuntimeError):
    """The client was closed before or during the call."""

    advice = "Make a new client."


class PluginError(GradioClientError, RuntimeError):
    """A plugin failed where going on without it would be unsafe. Its own error is the ``__cause__``.

    Attributes:
        plugin: its name.
        hook: what failed: the name of a hook, or of a method of an ``Auth``.
    """

    advice = "Fix the plugin, or switch it off with disabled_plugins=."

    def __init__(
        self, message: str = "", *, plugin: str = "", hook: str = "", where: Where | None = None
    ) -> None:
        super().__init__(message, where=where)
        self.plugin = plugin
        self.hook = hook


class SpaceUnavailableError(GradioClientError, ValueError):
    """A Space is in a stage that no waiting changes (protocol section 1.2).

    Attributes:
        space_id: ``owner/name``.
        stage: the stage in the Hub's words, such as ``"PAUSED"``.
    """

    advice = "Look at the Space's page: its owner can restart or fix it."

    def __init__(
        self, message: str = "", *, space_id: str = "", stage: str = "", where: Where | None = None
    ) -> None:
        super().__init__(message, where=where)
        self.space_id = space_id
        self.stage = stage


class SpaceDuplicationError(GradioClientError):
    """A step of duplicating a Space failed; the message says which, and what was done before it."""

    advice = "Check the token and its rights on the Hub."


class SerializationSetupError(GradioClientError, ValueError):
    """Kept for programs that catch it; never raised."""

    advice = "Never raised."
