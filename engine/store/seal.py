"""How secrets are sealed before they are stored: changes when the cipher does. It knows no table and no file of keys.

AES-GCM with the tenant, the connection and the field's name as associated data, so that a sealed value that is moved
to another row does not open. The key's id stands beside the value, so that keys can be changed one by one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.secret_keys import SecretKey

_NONCE = 12


class SealBroken(Exception):
    """A sealed value does not open: the key is missing, or the value was changed or moved. Says nothing of the value."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is stored: which key, and nonce plus ciphertext."""

    key_id: str
    data: bytes


class Sealer:
    """Seals with the first key, opens with any."""

    def __init__(self, keys: Sequence[SecretKey]) -> None:
        if not keys:
            raise ValueError("at least one key is needed")
        self._ciphers = {key.id: AESGCM(key.key) for key in keys}
        self.key_id = keys[0].id

    def seal(self, value: str, *, tenant_id: int, connection_uid: str, field: str) -> Sealed:
        """The value, sealed for that place only."""
        nonce = os.urandom(_NONCE)
        place = _place(tenant_id, connection_uid, field)
        return Sealed(self.key_id, nonce + self._ciphers[self.key_id].encrypt(nonce, value.encode(), place))

    def open(self, sealed: Sealed, *, tenant_id: int, connection_uid: str, field: str) -> str:
        """The value. Raises SealBroken."""
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise SealBroken(f"no key {sealed.key_id} is at hand for the sealed field {field}")
        try:
            place = _place(tenant_id, connection_uid, field)
            return cipher.decrypt(sealed.data[:_NONCE], sealed.data[_NONCE:], place).decode()
        except InvalidTag:
            raise SealBroken(f"the sealed field {field} was changed or belongs elsewhere") from None


def _place(tenant_id: int, connection_uid: str, field: str) -> bytes:
    return f"cloudcart/1|{tenant_id}|{connection_uid}|{field}".encode()
