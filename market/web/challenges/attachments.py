"""Attachments of a challenge: the owner's page of files and of who may open them, and the download."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import SelectMultipleField, StringField

from market.actions import attachments as actions
from market.domain.errors import Invalid
from market.domain.permissions import Permission as P
from market.queries import accounts, challenges
from market.queries import attachments as queries
from market.web import access, forms
from market.web.challenges.blueprint import bp
from market.web.files import as_download


class UploadForm(forms.MarketForm):
    """One file."""

    file = FileField("文件")


class AdmitForm(forms.MarketForm):
    """Who may open which files."""

    files = SelectMultipleField("附件", coerce=int)
    organisation = StringField("单位", [forms.at_most(120)])


def _file(challenge_id: int, attachment_id: int) -> queries.AttachedFile | None:
    found = queries.get(attachment_id)
    return found if found is not None and found.challenge.id == challenge_id else None


@bp.route("/challenges/<int:challenge_id>/attachments", methods=["GET", "POST"])
@access.requires(P.EDIT_CHALLENGE)
def files(challenge_id: int) -> ResponseReturnValue:
    """The files of a challenge: add one, take one away, admit an organisation."""
    challenge = access.load(challenges.get, challenge_id, P.EDIT_CHALLENGE, see=P.SEE_CHALLENGE)
    form = UploadForm()

    def work() -> str:
        upload = form.file.data
        if not upload or not upload.filename:
            raise Invalid({"file": "请先选择一个文件"})
        actions.add(challenge, upload.filename, upload.read(), access.actor())
        flash("附件已保存；只有您准许的单位能打开", "success")
        return url_for("challenges.files", challenge_id=challenge_id)

    return forms.submit(form, work) or _files_page(challenge_id, form)


def _files_page(challenge_id: int, form: UploadForm, admit_form: AdmitForm | None = None) -> str:
    challenge = challenges.get(challenge_id)
    if challenge is None:
        abort(404)
    rows = queries.of_challenge(challenge_id)
    admit_form = admit_form or AdmitForm(formdata=None)
    admit_form.files.choices = forms.choices([(row.id, row.name) for row in rows])
    return render_template(
        "challenges/files.html",
        challenge=challenge,
        files=rows,
        form=form,
        admit_form=admit_form,
        admitted=queries.admitted(challenge_id),
        candidates=queries.candidates(challenge),
    )


@bp.route("/challenges/<int:challenge_id>/attachments/admit", methods=["GET", "POST"])
@access.requires(P.EDIT_CHALLENGE)
def admit(challenge_id: int) -> ResponseReturnValue:
    """Let an organisation, named in full or by its credit code, open the chosen files."""
    if request.method == "GET":
        access.load_visible(challenges.get, challenge_id, P.SEE_CHALLENGE)
        return redirect(url_for("challenges.files", challenge_id=challenge_id))
    challenge = access.load(challenges.get, challenge_id, P.EDIT_CHALLENGE, see=P.SEE_CHALLENGE)
    form = AdmitForm()
    form.files.choices = forms.choices([(row.id, row.name) for row in queries.of_challenge(challenge_id)])

    def work() -> str:
        organisation = queries.organisation_named((form.organisation.data or "").strip())
        if organisation is None:
            raise Invalid({"organisation": "没有找到这个已核验的单位，请填单位全称或统一社会信用代码"})
        if organisation.id == challenge.organisation_id:
            raise Invalid({"organisation": "本单位不用准许"})
        if not form.files.data:
            raise Invalid({"files": "请勾选准许查看的附件"})
        for attachment_id in form.files.data:
            file = _file(challenge_id, attachment_id)
            if file is not None:
                actions.admit(file, organisation, access.actor())
        flash(f"已准许{organisation.name}查看", "success")
        return url_for("challenges.files", challenge_id=challenge_id)

    return forms.submit(form, work) or _files_page(challenge_id, UploadForm(formdata=None), form)


@bp.route("/challenges/<int:challenge_id>/attachments/<int:attachment_id>")
@access.requires(P.SEE_ATTACHMENT)
def download(challenge_id: int, attachment_id: int) -> ResponseReturnValue:
    """One file, always as a download, to the owner, staff and admitted organisations; noted in the access log."""
    file = access.load(lambda key: _file(challenge_id, key), attachment_id, P.SEE_ATTACHMENT)
    content = queries.content(attachment_id)
    actions.note_download(file, access.actor(), request.remote_addr or "")
    return as_download(file.row, content)


@bp.route("/challenges/<int:challenge_id>/attachments/<int:attachment_id>/remove", methods=["POST"])
@access.requires(P.EDIT_CHALLENGE)
def remove(challenge_id: int, attachment_id: int) -> ResponseReturnValue:
    """Take a file away."""
    access.load(challenges.get, challenge_id, P.EDIT_CHALLENGE, see=P.SEE_CHALLENGE)

    def work() -> str:
        file = _file(challenge_id, attachment_id)
        if file is None:  # asked here, so that a second press leads where the first one did
            abort(404)
        actions.remove(file, access.actor())
        flash("附件已删除", "success")
        return url_for("challenges.files", challenge_id=challenge_id)

    return access.once(work)


@bp.route("/challenges/<int:challenge_id>/attachments/<int:attachment_id>/dismiss", methods=["POST"])
@access.requires(P.EDIT_CHALLENGE)
def dismiss(challenge_id: int, attachment_id: int) -> ResponseReturnValue:
    """Take an organisation's leave to open a file back."""
    file = access.load(lambda key: _file(challenge_id, key), attachment_id, P.EDIT_CHALLENGE)
    organisation = accounts.get_organisation(request.form.get("organisation_id", 0, int))
    if organisation is None:
        abort(404)
    chosen = organisation.id

    def work() -> str:
        actions.dismiss(file, chosen, access.actor())
        flash("已收回查看许可", "success")
        return url_for("challenges.files", challenge_id=challenge_id)

    return access.once(work)
