"""Where contracts came from: totals of each class, the rows behind them, the 促成证明 of one."""
