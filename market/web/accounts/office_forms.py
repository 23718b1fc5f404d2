"""Forms of the commission's back office: staff, stand-ins, settings, holidays, the log."""

from __future__ import annotations

from wtforms import DateField, EmailField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from market.actions.site_settings import LIMITS
from market.domain import codes
from market.domain.permissions import ROLE_WORDS, STAFF, Role
from market.web.forms import CountField, MarketForm, at_most, optional, required

STAFF_CHOICES = [(role.value, ROLE_WORDS[role]) for role in Role if role in STAFF]


class StaffForm(MarketForm):
    """A new account of the commission."""

    person_name = StringField("姓名", validators=[required(), at_most(40)])
    email = EmailField("邮箱", validators=[required(), at_most(254)])
    roles = SelectMultipleField("角色", choices=STAFF_CHOICES, validators=[required("请至少选一个角色")])


class StandInForm(MarketForm):
    """AB 角 with dates."""

    absent_id = SelectField("谁不在", coerce=int, validators=[required("请选择")])
    stand_in_id = SelectField("谁代办", coerce=int, validators=[required("请选择")])
    first_day = DateField("从", validators=[required("请填开始日期")])
    last_day = DateField("到", validators=[required("请填结束日期")])


def _days(name: str, label: str, description: str, unit: str = "个工作日") -> CountField:
    low, high = LIMITS[name]
    check = NumberRange(low, high, message=f"请填 {low} 到 {high} 之间的整数")
    return CountField(label, validators=[InputRequired("请填一个整数"), check], description=description, render_kw={"data-unit": unit})


class SettingsForm(MarketForm):
    """All that staff may set; the names are those of MarketSettings."""

    name = StringField("网站名称", validators=[required(), at_most(40)])
    organiser = StringField("主办单位", validators=[required(), at_most(120)], description="显示在每页页脚")
    phone = StringField("服务电话", validators=[optional(), at_most(30)], description="显示在每页页脚和求助提示里")
    email = EmailField("联系邮箱", validators=[optional(), at_most(120)], description="公示期的异议可以发到这里")
    icp = StringField("ICP 备案号", validators=[optional(), at_most(60)])
    police_record = StringField("公安备案号", validators=[optional(), at_most(60)])
    site_code = StringField("网站标识码", validators=[optional(), at_most(40)])
    district = SelectField("计入目标的行政区", choices=list(codes.REGIONS.items()), description="卖方在这里的已登记合同才计入目标")
    moderation_days = _days("moderation_days", "审核答复时限", "提交后最迟多少个工作日答复")
    contact_days = _days("contact_days", "对接答复时限", "被联系的一方最迟多少个工作日答复")
    publicity_days = _days("publicity_days", "公示期", "需要公示的榜单选定后公示多少个工作日，不少于 5 个")
    confirmation_months = _days("confirmation_months", "成果确认有效期", "单位确认一次管多久，过期先靠后、再隐藏", "个月")
    terms_version = StringField(
        "用户协议版本", validators=[required(), at_most(20)], description="改了条文才改版本号；改了以后，每个人下次打开页面时要再同意一次"
    )
    privacy_version = StringField("隐私政策版本", validators=[required(), at_most(20)])
    open_licence = StringField("开放数据的许可", validators=[optional(), at_most(60)], description="写在开放数据页和每个文件里")
    open_licence_url = StringField("许可文本的网址", validators=[optional(), at_most(120)])
    ocds_prefix = StringField("OCDS 编号前缀", validators=[optional(), at_most(30)], description="向标准的发布方登记后得到；没有登记先空着")


class HolidayForm(MarketForm):
    """The year's official arrangement, pasted."""

    year = CountField("年份", validators=[required("请填年份")])
    days = TextAreaField(
        "放假和调休安排",
        validators=[required(), at_most(4000)],
        description="一行一天或一段，后面写名称；调休上班的日子写「上班」。整年一次贴全，会替换这一年原来的表",
    )
    source = StringField("来源", validators=[required(), at_most(200)], description="国务院办公厅通知的文号或网址")


class LogFilterForm(MarketForm):
    """Which lines of the log are shown (a GET form)."""

    class Meta(MarketForm.Meta):
        """Nothing is changed, so no token."""

        csrf = False

    person = StringField("姓名", validators=[optional(), at_most(40)])
    kind = SelectField("对象", validators=[optional()])
    first = DateField("从", validators=[optional()])
    last = DateField("到", validators=[optional()])
