"""Labels and hints of the options of a call, one value per language. The English hints are those of `plait run`."""

from collections.abc import Mapping
from dataclasses import dataclass

from plait.core.task.options import OPTIONS
from plait.web.formatting import label
from plait.web.views import Language


@dataclass(frozen=True)
class OptionText:
    """Label and hint of an option; `default` is the text of the choice that leaves it to Plait."""

    label: str
    hint: str
    default: str = ""


ENGLISH: Mapping[str, OptionText] = {
    **{name: OptionText(label(name), definition.help) for name, definition in OPTIONS.items()},
    "model": OptionText("Model", OPTIONS["model"].help, "first that can"),
    "wording": OptionText("Wording", "Another wording of the task.", "as declared"),
    "fallback": OptionText("Fallback", OPTIONS["fallback"].help, "none"),
    "order": OptionText("Order", OPTIONS["order"].help, "parallel"),
}
CHINESE: Mapping[str, OptionText] = {
    "model": OptionText("模型", "由哪个模型回答。", "第一个能回答的"),
    "seed": OptionText("随机种子", "一个整数：种子相同，回答就相同。"),
    "temperature": OptionText("温度", "0 给出最可能的回答，1 则更多变。"),
    "timeout": OptionText("时限", "整个调用的秒数。"),
    "shots": OptionText("示例数", "提示词中放多少个示例。"),
    "wording": OptionText("措辞", "任务的另一种说法。", "按声明"),
    "min_confidence": OptionText("最低把握", "低于此值则不作答，或改由后备模型作答：0 到 1。", "不限"),
    "risk": OptionText("风险", "错误答案所占的最大比例；由它确定最低把握。", "不限"),
    "fallback": OptionText("后备模型", "没有把握时改由它作答。", "无"),
    "steps": OptionText("步数", "生成图片的解码步数，默认为 8。"),
    "guidance": OptionText("引导强度", "生成图片时无分类器引导的强度，0 表示关闭。"),
    "order": OptionText("顺序", "并行解码图片的编码，或按光栅顺序逐个解码。", "并行"),
}

OPTION_TEXTS: dict[Language, Mapping[str, OptionText]] = {"en": ENGLISH, "zh": CHINESE}
