"""A registry's list of many rows through the steps of `flask import registry`: how long, how much memory.

    python -m benchmarks.registry --rows 30000

makes an XLSX of so many rows with the columns of a registry's list (one row in fifty with an error, one in ten a contract
that the market has already), takes it in on an empty SQLite database in a temporary folder, then once more from other bytes.
Each step's seconds and the peak of the process's memory (ru_maxrss, which only grows) are printed.
"""

from __future__ import annotations

import argparse
import io
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import xlsxwriter
from sqlalchemy import func, insert, select

from config import Config
from market.actions import import_check, import_write, imports
from market.app import create_app
from market.db import db, transaction
from market.domain.permissions import SYSTEM
from market.models import Contract, ImportBatch

HEAD = (
    "项目名称", "合同登记编号", "合同类型", "合同子类", "技术领域", "知识产权", "成交额（元）", "技术交易额（元）", "签订日期", "登记日期", "卖方名称", "卖方信用代码",
    "卖方地区", "买方名称", "买方信用代码", "买方地区", "登记机构", "计划来源", "支付方式", "国民经济行业",
)  # fmt: skip


def row(n: int) -> list[Any]:
    """Return the n-th row; every fiftieth has a number of too few digits."""
    number = f"2026310107{n:06d}" if n % 50 else f"{n}"
    signed = date(2026, 1, 1) + timedelta(days=n % 200)
    return [
        f"面向第 {n} 号产线的工艺优化技术开发", number, "技术开发", "委托开发", "新材料及其应用", "技术秘密", 100_000 + n, 90_000 + n, signed.isoformat(),
        (signed + timedelta(days=20)).isoformat(), f"卖方单位{n % 3_000}", "", "310107", f"买方单位{n % 5_000}", "", "320100", "某某技术合同登记处", "计划外",
        "一次总付", "3990",
    ]  # fmt: skip


def workbook(rows: int, note: str) -> bytes:
    """Return the list as an XLSX, written row by row; `note` makes other bytes of the same rows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        book.set_properties({"comments": note})
        page = book.add_worksheet()
        page.write_row(0, 0, HEAD)
        for n in range(1, rows + 1):
            page.write_row(n, 0, row(n))
    return out.getvalue()


def known(rows: int) -> None:
    """Give the market every tenth contract of the list beforehand."""
    made = [
        {
            "source": "registry", "title": cells[0], "type": "KF", "subtype": "entrusted", "field": "05", "ip_type": "secret",
            "amount_fen": cells[6] * 100, "technical_amount_fen": cells[7] * 100, "signed_on": date.fromisoformat(cells[8]),
            "registered_on": date.fromisoformat(cells[9]), "seller_name": cells[10], "seller_region": "310107", "buyer_name": cells[13],
            "buyer_region": "320100", "state": "registered", "registration_number": cells[1],
        }
        for cells in (row(n) for n in range(11, rows, 10) if n % 50)
    ]  # fmt: skip
    with transaction() as session:
        session.execute(insert(Contract), made)


def timed(label: str, work: Callable[[], Any]) -> Any:
    """Run one step and print its seconds and the peak memory so far (MB)."""
    begun = time.perf_counter()
    found = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{label:28} {time.perf_counter() - begun:7.1f} s   peak {peak:6.0f} MB", flush=True)
    return found


def take_in(content: bytes, name: str) -> None:
    """Upload, check and write one list, and print what became of its rows."""
    batch, _new = timed("upload", lambda: imports.start(imports.Upload("registry", name, content), SYSTEM))
    number = batch.id
    timed("check", lambda: import_check.check_batch(number, lambda done, total: None))
    db.session.expire_all()
    checked = db.session.get_one(ImportBatch, number)
    print("  ", checked.state, checked.message, checked.summary.get("counts"))
    imports.confirm(checked, SYSTEM)
    timed("write", lambda: import_write.write_batch(number, lambda done, total: None))
    print("  ", db.session.scalar(select(func.count()).select_from(Contract)), "contracts")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000)
    rows = parser.parse_args().rows
    content = timed(f"make {rows} rows", lambda: workbook(rows, ""))
    print(f"   {len(content) / 1e6:.1f} MB of XLSX")
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Config(instance=Path(folder), secret_key="b" * 40, testing=True))
        with app.app_context():
            flask_migrate.upgrade()
            timed("fill the market", lambda: known(rows))
            take_in(content, "登记清单.xlsx")
            take_in(workbook(rows, "again"), "再传一次.xlsx")


if __name__ == "__main__":
    main()
