"""Files of a contract: keep one, take one away, and the download."""

from __future__ import annotations

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from market.actions import contract_files as actions
from market.domain.errors import Invalid
from market.domain.permissions import Permission as P
from market.queries import contract_files as queries
from market.queries import contracts
from market.web import access, forms
from market.web.contracts.blueprint import bp
from market.web.contracts.forms import UploadForm
from market.web.contracts.page import again
from market.web.files import noted_download


@bp.route("/contracts/<int:contract_id>/files", methods=["POST"])
@access.requires(P.EDIT_CONTRACT)
def add_file(contract_id: int) -> ResponseReturnValue:
    """Keep a file with a contract."""
    contract = access.load(contracts.get, contract_id, P.EDIT_CONTRACT, see=P.SEE_CONTRACT)
    form = UploadForm(prefix="file-")

    def work() -> str:
        upload = form.file.data
        if not upload or not upload.filename:
            raise Invalid({"file": "请先选择一个文件"})
        actions.add(contract, form.kind.data or "", upload.filename, upload.read(), access.actor())
        flash("文件已保存；只有合同双方和有权限的工作人员能打开。", "success")
        return url_for("contracts.detail", contract_id=contract_id, _anchor="files")

    return forms.submit(form, work) or again(contract_id, "upload", form)


@bp.route("/contracts/<int:contract_id>/files/<int:attachment_id>")
@access.requires(P.SEE_CONTRACT_FILE)
def download(contract_id: int, attachment_id: int) -> ResponseReturnValue:
    """One file, always as a download, for both sides and whom the table of permissions names; noted in the access log."""
    file = access.load(queries.get, attachment_id, P.SEE_CONTRACT_FILE)
    return noted_download(file, contract_id, access.actor())


@bp.route("/contracts/<int:contract_id>/files/<int:attachment_id>/remove", methods=["POST"])
@access.requires(P.EDIT_CONTRACT)
def remove_file(contract_id: int, attachment_id: int) -> ResponseReturnValue:
    """Take a file away before the registration."""
    contract = access.load(contracts.get, contract_id, P.EDIT_CONTRACT, see=P.SEE_CONTRACT)

    def work() -> str:
        file = queries.get(attachment_id)
        if file is None or file.owner_id != contract_id:  # asked here, so that a second press leads where the first one did
            abort(404)
        actions.remove(contract, file, access.actor())
        return url_for("contracts.detail", contract_id=contract_id, _anchor="files")

    return access.once(work)
