"""Take a list in: upload it, look at what would go in, confirm, fetch the refused rows, undo."""

from __future__ import annotations

import io

from flask import abort, current_app, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectField

from market.actions import claims as claiming
from market.actions import import_columns, import_templates, imports
from market.domain.permissions import Permission as P
from market.domain.permissions import demand, may
from market.exports.writers import XLSX_TYPE
from market.models import ImportBatch
from market.queries import accounts, claims, health
from market.queries import imports as queries
from market.web import access, forms
from market.web.imports.blueprint import bp

ELSEWHERE = frozenset({"candidates"})  # lists that are uploaded on the page of what they belong to
MOST_LINKS = 100
SHOWN = 200  # rows with reasons on the page; all of them are in the file


class UploadForm(forms.MarketForm):
    """The file and what it is."""

    kind = SelectField("清单")
    file = FileField("文件", validators=[FileRequired("请选择文件")])
    money = RadioField("金额单位", choices=[("", "表头里写明"), ("元", "元"), ("万元", "万元")], default="")


def _enter() -> None:
    demand(access.actor(), imports.permission(access.actor()))


def _load(batch_id: int) -> ImportBatch:
    _enter()
    return access.load(queries.batch, batch_id, imports.permission(access.actor()))


def _address(batch: ImportBatch) -> str:
    return url_for("imports.detail", batch_id=batch.id)


@bp.route("/imports")
@access.requires(P.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Lists the batches."""
    _enter()
    return render_template("imports/index.html", batches=queries.batches(access.actor()), kinds=import_columns.KINDS)


@bp.route("/imports/new", methods=["GET", "POST"])
@access.requires(P.SIGNED_IN)
def create() -> ResponseReturnValue:
    """Takes a file."""
    _enter()
    form = UploadForm()
    whole = {kind: word for kind, word in import_columns.KINDS.items() if kind not in ELSEWHERE}
    wanted = [kind for kind in whole if kind != "ledger"] if may(access.actor(), P.IMPORT_LISTS) else imports.own_kinds(access.actor())
    kinds = {kind: whole[kind] for kind in wanted}
    form.kind.choices = forms.choices(kinds.items())
    if request.method == "GET" and request.args.get("kind") in kinds:
        form.kind.data = request.args["kind"]
    done = forms.submit(form, lambda: _start(form))
    columns = {word: [c.headers for c in import_columns.COLUMNS[kind]] for kind, word in kinds.items()}
    return done or render_template("imports/create.html", form=form, columns=columns, kinds=kinds)


@bp.route("/imports/templates/<string:kind>.xlsx")
@access.requires(P.SIGNED_IN)
def template(kind: str) -> ResponseReturnValue:
    """Gives the empty file of a kind of list, with an example row."""
    _enter()
    if kind not in import_columns.KINDS or (kind not in imports.own_kinds(access.actor()) and not may(access.actor(), P.IMPORT_LISTS)):
        abort(404)
    content = import_templates.template(kind, access.actor().name)
    name = f"{import_columns.KINDS[kind]}-模板.xlsx"
    return send_file(io.BytesIO(content), mimetype=XLSX_TYPE, as_attachment=True, download_name=name, max_age=0)


def _start(form: UploadForm) -> str:
    upload = imports.Upload(form.kind.data, form.file.data.filename or "", form.file.data.read(), form.money.data or "")
    batch, new = imports.start(upload, access.actor())
    if not new:
        flash("这份文件已经传过，没有再导入一遍", "info")
    return _address(batch)


@bp.route("/imports/<int:batch_id>")
@access.requires(P.SIGNED_IN)
def detail(batch_id: int) -> ResponseReturnValue:
    """Shows the progress, then what would go in and what would not, then what went in."""
    batch = _load(batch_id)
    targets = [(c.name, c.headers[0]) for c in import_columns.COLUMNS[batch.kind]]
    unmapped = [(kind, text, list(import_columns.table(kind).items())) for kind, text in batch.summary.get("unmapped", [])]
    written = batch.state == "written" and may(access.actor(), P.VERIFY_ORGANISATION)
    kept, loose = claims.kept_of(batch) if written else ([], [])
    return render_template(
        "imports/detail.html",
        service=health.read(),
        kept=kept,
        loose=loose,
        batch=batch,
        kinds=import_columns.KINDS,
        refused=queries.rows(batch.id, ("refused", "duplicate"), SHOWN),
        targets=targets,
        unmapped=unmapped,
        column_kind=f"column:{batch.kind}"[:20],
        states=queries.states(batch.id) if batch.kind == "registry" else {},
        updates=queries.rows(batch.id, ("update", "settled"), SHOWN) if batch.kind == "ledger" else [],
    )


@bp.route("/imports/<int:batch_id>/claim-links", methods=["POST"])
@access.requires(P.VERIFY_ORGANISATION)
def claim_links(batch_id: int) -> ResponseReturnValue:
    """Makes claim links for the chosen organisations and loose listings; they are shown on this answer only."""
    batch = _load(batch_id)
    kept, loose = claims.kept_of(batch)
    whole = request.form.get("all") == "1"
    chosen = set(request.form.getlist("organisation")), set(request.form.getlist("listing"))
    organisations = [
        one for row in kept if row.state != "claimed" and (whole or str(row.id) in chosen[0]) if (one := accounts.get_organisation(row.id))
    ]
    kind = {"challenges": "challenge", "capabilities": "capability"}.get(batch.kind)
    listings = [found for row in loose if whole or str(row.id) in chosen[1] if (found := claims.listing(kind, row.id))]
    if not organisations and not listings:
        flash("请先勾选要发链接的单位", "error")
        return redirect(_address(batch))
    if len(organisations) + len(listings) > MOST_LINKS:
        flash(f"一次最多生成 {MOST_LINKS} 个链接，请分几次", "error")
        return redirect(_address(batch))
    made = claiming.links(organisations, listings, access.actor())
    site = current_app.config["MARKET"].public_url.rstrip("/")
    texts = [(link, claiming.words(link, site, g.site.name, g.site.organiser)) for link in made]
    return render_template("imports/claim_links.html", batch=batch, texts=texts)


@bp.route("/imports/<int:batch_id>/map", methods=["POST"])
@access.requires(P.SIGNED_IN)
def remember(batch_id: int) -> ResponseReturnValue:
    """Remembers what unknown headers and words mean and checks again."""
    batch = _load(batch_id)
    form = request.form
    choices = list(zip(form.getlist("map_kind"), form.getlist("map_text"), form.getlist("map_value"), strict=False))

    def work() -> str:
        imports.remember(batch, choices, access.actor())
        return _address(batch)

    return access.once(work)


@bp.route("/imports/<int:batch_id>/confirm", methods=["POST"])
@access.requires(P.SIGNED_IN)
def confirm(batch_id: int) -> ResponseReturnValue:
    """Lets the good rows go in."""
    batch = _load(batch_id)

    def work() -> str:
        imports.confirm(batch, access.actor())
        return _address(batch)

    return access.once(work)


@bp.route("/imports/<int:batch_id>/undo", methods=["POST"])
@access.requires(P.SIGNED_IN)
def undo(batch_id: int) -> ResponseReturnValue:
    """Takes the batch out again, or gives up one that did not go in."""
    batch = _load(batch_id)

    def work() -> str:
        written = batch.state == "written"
        deleted, kept = imports.undo(batch, access.actor())
        if not written:
            flash("已放弃这一批，没有导入", "info")
            return url_for("imports.index")
        flash(f"已撤销 {deleted} 行" + (f"，{kept} 行已有人改过或用到，保留" if kept else ""), "success")
        return _address(batch)

    return access.once(work)


@bp.route("/imports/<int:batch_id>/refused.xlsx")
@access.requires(P.SIGNED_IN)
def refused(batch_id: int) -> ResponseReturnValue:
    """Gives the rows that did not go in, with the reasons."""
    batch = _load(batch_id)
    content = imports.refused_file(batch, access.actor().name)
    return send_file(io.BytesIO(content), mimetype=XLSX_TYPE, as_attachment=True, download_name=f"未导入的行-{batch.id}.xlsx", max_age=0)
