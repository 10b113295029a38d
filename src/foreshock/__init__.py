"""Foreshock: ground motion from sensor to decision.

    collect ──► prepare ──► features ──► models / train ──► predict ──► evaluate
    数据收集      数据预处理     特征提取      CNN / RNN 训练        地震预测     结果评估

Names below are imported when first used; importing this package touches no file, folder or socket.
"""

from __future__ import annotations

__version__ = "0.1.0"
