"""Video devices by their newest record: cameras, body cameras and platforms' cameras."""

from __future__ import annotations

from dataclasses import dataclass

from data_feeds.drones import is_safe_stream
from data_feeds.incidents import place_of
from data_feeds.limits import BoardFull
from data_feeds.model import Device, DeviceKind, DeviceState, enum_of

MAX_DEVICES = 200_000


@dataclass(frozen=True, slots=True)
class PlacedDevice:
    """A device with its place in WGS-84 degrees (None: no place, or one in an unknown datum), kind and state, and a
    stream address that is safe to show."""

    device: Device
    lat: float | None
    lon: float | None
    kind: DeviceKind
    state: DeviceState
    stream_url: str


class DeviceBook:
    """Devices by id. Not locked: the Board does that."""

    def __init__(self) -> None:
        self._devices: dict[str, PlacedDevice] = {}
        self.bad_urls = 0
        self.revision = 0

    def __len__(self) -> int:
        return len(self._devices)

    def apply(self, device: Device) -> bool:
        """Keep the device's newest record; returns whether it says something new. Raises BoardFull."""
        safe = is_safe_stream(device.stream_url)
        self.bad_urls += not safe
        known = self._devices.get(device.device_id)
        if known is not None and known.device == device:
            return False
        if known is None and len(self._devices) >= MAX_DEVICES:
            raise BoardFull
        kind, state = enum_of(DeviceKind, device.kind), enum_of(DeviceState, device.state)
        url = device.stream_url if safe else ""
        self._devices[device.device_id] = PlacedDevice(device, *place_of(device), kind, state, url)
        self.revision += 1
        return True

    def remove(self, device_id: str) -> None:
        self.revision += self._devices.pop(device_id, None) is not None

    def all(self) -> list[PlacedDevice]:
        return list(self._devices.values())
