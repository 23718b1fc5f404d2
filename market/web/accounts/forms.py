"""Forms of signing in, registering and one's own account."""

from __future__ import annotations

import unicodedata
from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import EqualTo, Length

from market.domain import codes
from market.domain.passwords import LONGEST, RULE
from market.web.forms import MarketForm, at_most, optional, required

REGION_CHOICES = [("", "请选择"), *codes.REGIONS.items()]
TRACK_CHOICES = [("", "不确定"), *((track, track) for track in codes.TRACKS)]
TAG_CHOICES = [(tag, tag) for tag in codes.TAGS]


def _composed(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def secret(label: str, *validators: Any, description: str = "") -> PasswordField:
    """Return a password field; it is neither trimmed nor cleaned."""
    return PasswordField(label, validators=[required(), *validators], filters=[_composed], description=description)


def new_secret(label: str = "设置密码") -> PasswordField:
    """Return the field of a new password; its rules are checked by domain.passwords."""
    return secret(label, Length(max=LONGEST, message="密码太长"), description=RULE)


def repeated(name: str) -> PasswordField:
    """Return the field that repeats the password of field `name`."""
    return secret("再输入一次", EqualTo(name, message="两次输入的密码不一样"))


class SignInForm(MarketForm):
    """E-mail and password."""

    email = EmailField("邮箱", validators=[required(), at_most(254)])
    password = secret("密码")


class CodeForm(MarketForm):
    """Six digits of the phone, or a recovery code."""

    code = StringField("验证码", validators=[required(), at_most(20)], description="手机验证器上的 6 位数字；手机不在身边时可填恢复码")


class PasswordForm(MarketForm):
    """The present password, asked again before something sensitive."""

    present = secret("目前的密码")


class ForgotForm(MarketForm):
    """Ask for a reset."""

    email = EmailField("邮箱", validators=[required(), at_most(254)])


class NewPasswordForm(MarketForm):
    """A new password, twice."""

    password = new_secret("新密码")
    again = repeated("password")


class ChangePasswordForm(PasswordForm):
    """The present and a new password."""

    password = new_secret("新密码")
    again = repeated("password")


class ConfirmForm(MarketForm):
    """Nothing but a button."""


class ChangeEmailForm(PasswordForm):
    """The present password and a new address."""

    email = EmailField(
        "新的登录邮箱", validators=[required(), at_most(254)], description="确认链接会发到这个邮箱；打开以前仍用原来的邮箱登录"
    )


class ConsentMixin:
    """The two texts everybody accepts."""

    terms = BooleanField("我已阅读并同意《用户协议》", validators=[required("请先阅读并同意《用户协议》")])
    privacy = BooleanField("我已阅读并同意《隐私政策》", validators=[required("请先阅读并同意《隐私政策》")])


class PersonMixin:
    """Who somebody is."""

    person_name = StringField("姓名", validators=[required(), at_most(40)])
    title = StringField("职务", validators=[optional(), at_most(60)])
    phone = StringField("电话", validators=[required(), at_most(30)], description="手机，或带区号的座机；只给双方同意对接的人看")


class ConsentForm(ConsentMixin, MarketForm):
    """The texts that have a new version, accepted again."""


class OrganisationMixin:
    """What an organisation says about itself."""

    name = StringField("单位全称", validators=[required(), at_most(120)], description="与营业执照或法人证书一致")
    credit_code = StringField("统一社会信用代码", validators=[required(), at_most(18)], description="18 位，在营业执照或法人证书上")
    region = SelectField("所在地区", choices=REGION_CHOICES, validators=[required("请选择所在地区")])
    track = SelectField("主要赛道", choices=TRACK_CHOICES, validators=[optional()])
    tags = SelectMultipleField("资质", choices=TAG_CHOICES, validators=[optional()], description="有哪些勾哪些，科委核验时会看")


class RegisterForm(OrganisationMixin, PersonMixin, ConsentMixin, MarketForm):
    """An organisation and its first administrator."""

    kind = RadioField(
        "单位类型",
        choices=[
            ("enterprise", "企业（有难题要解决）"),
            ("institute", "高校、院所（有成果和能力）"),
            ("partner", "服务机构（技术转移、技术经理人）"),
        ],
        validators=[required("请选择单位类型")],
    )
    email = EmailField("邮箱", validators=[required(), at_most(254)], description="用来登录和收通知，请用单位邮箱")
    password = new_secret()
    again = repeated("password")


class OrganisationForm(OrganisationMixin, MarketForm):
    """What an administrator may change of the own organisation."""

    short_name = StringField("简称", validators=[optional(), at_most(40)])
    legal_person = StringField("法定代表人", validators=[optional(), at_most(40)])
    address = StringField("地址", validators=[optional(), at_most(200)])
    postcode = StringField("邮编", validators=[optional(), at_most(6)])
    phone = StringField("电话", validators=[optional(), at_most(30)])
    nature = SelectField(
        "单位性质", choices=[("", "请选择"), *codes.NATURES.items()], validators=[optional()], description="技术合同认定登记表用"
    )
    public_institution = BooleanField("是事业单位（科技成果转让、许可须公示）")
    profile = TextAreaField("单位简介", validators=[optional(), at_most(1000)])
    version = HiddenField()


class AcceptForm(PersonMixin, ConsentMixin, MarketForm):
    """Somebody who was invited."""

    password = new_secret()
    again = repeated("password")


class ClaimForm(OrganisationMixin, PersonMixin, ConsentMixin, MarketForm):
    """Somebody who takes over what the commission kept; the address is asked where the link was not mailed to one."""

    email = EmailField(
        "邮箱", validators=[required(), at_most(254)], description="用来登录和收通知，请用单位邮箱；要打开确认邮件后才能登录"
    )
    password = new_secret()
    again = repeated("password")


class BureauForm(MarketForm):
    """A bureau of a city, as the commission keeps it."""

    name = StringField("单位全称", validators=[required(), at_most(120)])
    region = SelectField(
        "所在城市", choices=REGION_CHOICES, validators=[required("请选择所在城市")], description="它只看和推荐这个城市的单位"
    )
    short_name = StringField("简称", validators=[optional(), at_most(40)])
    credit_code = StringField("统一社会信用代码", validators=[optional(), at_most(18)])
    phone = StringField("电话", validators=[optional(), at_most(30)])
    address = StringField("地址", validators=[optional(), at_most(200)])
    version = HiddenField()


class NewBureauForm(BureauForm):
    """A bureau and the address of its first person."""

    email = EmailField("负责人的邮箱", validators=[optional(), at_most(254)], description="填了就发出邀请；也可以以后再邀请")


class InviteForm(MarketForm):
    """Ask a colleague in."""

    email = EmailField("邮箱", validators=[required(), at_most(254)])
    role = SelectField("角色", choices=[("", "请选择")], validators=[required("请选择角色")])


class ClaimLinkForm(MarketForm):
    """Where the claim link goes."""

    email = EmailField("单位联系人的邮箱", validators=[required(), at_most(254)])


class DecisionForm(MarketForm):
    """A reason, and the version that was looked at."""

    reason = TextAreaField("理由", validators=[optional(), at_most(300)])
    version = HiddenField()


class ProfileForm(PersonMixin, MarketForm):
    """One's own name, title and telephone."""
