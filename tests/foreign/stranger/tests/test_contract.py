from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_client_contract_tests import TransportContract
from stranger_urllib3.transport import Urllib3Transport

if TYPE_CHECKING:
    from gradio_client.transport import Transport, TransportOptions


class TestUrllib3Transport(TransportContract):
    def make_transport(self, options: TransportOptions) -> Transport:
        return Urllib3Transport(options)
