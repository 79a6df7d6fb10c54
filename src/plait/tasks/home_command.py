"""What a sentence said at home should do: to one of the devices that are there, or nothing."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from plait.core.task.signature import Ref
from plait.core.task.task import task
from plait.core.values.constraints import AnyWords


class Device(BaseModel):
    name: str
    area: str
    kind: Literal["light", "cover", "climate", "media"]


class Switch(BaseModel):
    """Turn a device on or off; a cover that is on is open."""

    device: Ref[Device]
    on: bool


class SetLevel(BaseModel):
    device: Ref[Device]
    percent: int = Field(ge=0, le=100)


class Nothing(BaseModel):
    why: Annotated[str, AnyWords()] = Field(max_length=200)


ZH = {
    "utterance": "说的话", "devices": "设备", "Device": "设备", "name": "名称", "area": "房间", "kind": "类型",
    "light": "灯", "cover": "窗帘", "climate": "空调与暖气", "media": "影音", "Switch": "开关", "SetLevel": "调节",
    "Nothing": "不操作", "device": "设备", "on": "打开", "percent": "百分比", "why": "原因",
}  # fmt: skip


@task(
    wordings={"zh": "在{devices}中，应如何执行“{utterance}”？"},
    purpose={
        "en": "Turns a wish into a command for one of the devices of a home.",
        "zh": "把一句话变成对家中某个设备的指令。",
    },
    labels={"zh": ZH},
)
def home_command(utterance: str, devices: list[Device]) -> Switch | SetLevel | Nothing:
    """With {devices} in the house, what should "{utterance}" do?"""
    ...
