"""The connections that the requests adapter makes for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

from gradio_client_adapters._interruptible import pools

if TYPE_CHECKING:
    from gradio_client.transport import TransportOptions


class Adapter(HTTPAdapter):
    """requests' adapter with our TLS context, on connections that can be interrupted."""

    def __init__(self, options: TransportOptions) -> None:
        self._options = options
        super().__init__(pool_connections=10, pool_maxsize=options.pool_size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools()

    def close(self) -> None:
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 - it cannot be iterated
                if pool := manager.pools.get(key):
                    pool.close()  # urllib3 would, when nothing refers to the pool any more
        super().close()

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if proxy.lower().startswith("https:"):
            kwargs["proxy_ssl_context"] = self._options.tls
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pools()
        return manager

    def _pools(self) -> Any:
        return pools(self._options.pool_size, self._options.idle_seconds)

    def get_connection_with_tls_context(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Find the pool for a request; where there is no proxy none is looked for, which takes long."""
        if kwargs.get("proxies"):
            return super().get_connection_with_tls_context(request, *args, **kwargs)
        try:
            host, tls = self.build_connection_pool_key_attributes(request)
        except ValueError as error:  # a port that is no port
            raise requests.exceptions.InvalidURL(error, request=request) from error
        return self.poolmanager.connection_from_host(**host, pool_kwargs=tls)

    def request_url(self, request: Any, proxies: Any) -> str:
        """Say what to ask for; likewise."""
        return super().request_url(request, proxies) if proxies else request.path_url

    def cert_verify(self, conn: Any, url: str, *_: Any) -> None:
        """Let the TLS context decide; requests would load its own authorities into it."""
        if url.lower().startswith("https:"):
            conn.cert_reqs = self._options.tls.verify_mode.name
            conn.assert_hostname = None if self._options.tls.check_hostname else False

    def build_connection_pool_key_attributes(self, request: Any, *_: Any, **__: Any) -> Any:
        host, _unused = super().build_connection_pool_key_attributes(request, verify=False)
        return host, {"ssl_context": self._options.tls} if host["scheme"] == "https" else {}

    def build_response(self, _: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Take only what is used: the cookies and the encoding that requests looks for cost time."""
        response = requests.Response()
        response.status_code, response.raw = resp.status, resp
        return response
