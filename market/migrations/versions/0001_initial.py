"""The tables of the market as it opens.

Revision: 0001, after .
"""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "embedding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_embedding")),
        sa.UniqueConstraint("text_hash", "model", name=op.f("uq_embedding_text_hash_model")),
    )
    op.create_table(
        "history_head",
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", name=op.f("pk_history_head")),
    )
    with op.batch_alter_table("history_head", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_history_head_is_sample"), ["is_sample"], unique=False)

    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("route", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("owner", "route", "key", name=op.f("uq_idempotency_key_owner_route_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_key_at"), ["at"], unique=False)

    op.create_table(
        "import_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("kind", "text", name=op.f("uq_import_mapping_kind_text")),
    )
    op.create_table(
        "index_change",
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_index_change")),
    )
    op.create_table(
        "match",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("query_kind", sa.String(length=12), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("item_kind", sa.String(length=12), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("elements", sa.JSON(), nullable=False),
        sa.Column("engine_version", sa.String(length=80), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("query_kind <> item_kind", name=op.f("ck_match_two_kinds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match")),
        sa.UniqueConstraint("query_kind", "query_id", "item_kind", "item_id", name=op.f("uq_match_query_kind_query_id_item_kind_item_id")),
    )
    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index("ix_match_item", ["item_kind", "item_id"], unique=False)
        batch_op.create_index("ix_match_query", ["query_kind", "query_id", "rank"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=True),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("track", sa.String(length=20), nullable=True),
        sa.Column("field", sa.String(length=2), nullable=True),
        sa.Column("tags", sa.String(length=200), nullable=False),
        sa.Column("nature", sa.String(length=3), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("postcode", sa.String(length=6), nullable=True),
        sa.Column("phone", sa.String(length=30), nullable=True),
        sa.Column("legal_person", sa.String(length=40), nullable=True),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_reason", sa.String(length=300), nullable=True),
        sa.Column("public_institution", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("kind IN ('enterprise','institute','bureau','commission','partner')", name=op.f("ck_organisation_kind")),
        sa.CheckConstraint("state <> 'verified' OR verified_at IS NOT NULL", name=op.f("ck_organisation_verified_has_date")),
        sa.CheckConstraint("state IN ('pending','verified','refused','suspended','unclaimed')", name=op.f("ck_organisation_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_organisation_credit_code")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_region"), ["region"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dedupe_key", sa.String(length=120), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("to_name", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_dedupe_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index("ix_outbox_state", ["state", "available_at"], unique=False)

    op.create_table(
        "rate_bucket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_bucket")),
        sa.UniqueConstraint("name", "key", "window_start", name=op.f("uq_rate_bucket_name_key_window_start")),
    )
    with op.batch_alter_table("rate_bucket", schema=None) as batch_op:
        batch_op.create_index("ix_rate_bucket_window", ["window_start"], unique=False)

    op.create_table(
        "worker_beat",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_secret", sa.String(length=200), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_user_account_organisation_id_organisation"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_account_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_account_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "access_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=30), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=True),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_access_log_user_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_log_at"), ["at"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_attachment_size")),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_attachment_by_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index("ix_attachment_subject", ["subject_kind", "subject_id"], unique=False)

    op.create_table(
        "capability",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("adviser_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("advantages", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("team", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=2), nullable=True),
        sa.Column("field_guessed", sa.Boolean(), nullable=False),
        sa.Column("track", sa.String(length=20), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=True),
        sa.Column("trl", sa.Integer(), nullable=True),
        sa.Column("modes", sa.String(length=120), nullable=False),
        sa.Column("price_stated", sa.Boolean(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=True),
        sa.Column("disclosable", sa.Boolean(), nullable=False),
        sa.Column("contact_name", sa.String(length=40), nullable=False),
        sa.Column("contact_phone", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_due", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=300), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("kind IN ('result','ability','equipment','team','scene')", name=op.f("ck_capability_kind")),
        sa.CheckConstraint(
            "state IN ('draft','submitted','returned','rejected','published','reserved','licensed','withdrawn','suspended')",
            name=op.f("ck_capability_state"),
        ),
        sa.CheckConstraint("price_fen IS NULL OR (price_fen >= 0 AND price_fen <= 100000000000000)", name=op.f("ck_capability_price")),
        sa.CheckConstraint("trl IS NULL OR (trl BETWEEN 1 AND 9)", name=op.f("ck_capability_trl")),
        sa.ForeignKeyConstraint(["adviser_id"], ["user_account.id"], name=op.f("fk_capability_adviser_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_capability_author_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_capability_organisation_id_organisation"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capability")),
    )
    with op.batch_alter_table("capability", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capability_confirmed_on"), ["confirmed_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_capability_field"), ["field"], unique=False)
        batch_op.create_index(batch_op.f("ix_capability_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_capability_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_capability_region"), ["region"], unique=False)
        batch_op.create_index(batch_op.f("ix_capability_stage"), ["stage"], unique=False)
        batch_op.create_index("ix_capability_state_published", ["state", "published_at"], unique=False)
        batch_op.create_index("ix_capability_published_at", ["published_at"], unique=False)
        batch_op.create_index(
            "ix_capability_facets",
            ["state", "confirmed_on", "kind", "field", "track", "region", "stage", "modes", "price_fen"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_capability_track"), ["track"], unique=False)

    op.create_table(
        "goal",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("baseline_fen", sa.BigInteger(), nullable=True),
        sa.Column("baseline_source", sa.String(length=200), nullable=False),
        sa.Column("increment_fen", sa.BigInteger(), nullable=True),
        sa.Column("increment_source", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_goal_by_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_goal")),
    )
    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_goal_is_sample"), ["is_sample"], unique=False)

    op.create_table(
        "history_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("actor_roles", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user_account.id"], name=op.f("fk_history_entry_actor_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_entry")),
        sa.UniqueConstraint("subject_kind", "subject_id", "seq", name=op.f("uq_history_entry_subject_kind_subject_id_seq")),
    )
    with op.batch_alter_table("history_entry", schema=None) as batch_op:
        batch_op.create_index("ix_history_entry_at", ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_history_entry_is_sample"), ["is_sample"], unique=False)

    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=160), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("kind IN ('challenges','capabilities','cooperations','contracts','organisations')", name=op.f("ck_import_batch_kind")),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_import_batch_by_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_import_batch_organisation_id_organisation"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_batch_file_sha256"), ["file_sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_batch_is_sample"), ["is_sample"], unique=False)

    op.create_table(
        "impression",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("surface", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("query_kind", sa.String(length=12), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=True),
        sa.Column("item_kind", sa.String(length=12), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("engine_version", sa.String(length=80), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_impression_user_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impression")),
    )
    with op.batch_alter_table("impression", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_impression_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index("ix_impression_item", ["item_kind", "item_id", "at"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_job_by_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_state", ["state", "available_at"], unique=False)

    op.create_table(
        "lead",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("company", sa.String(length=120), nullable=False),
        sa.Column("contact_name", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("field", sa.String(length=2), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("next_step", sa.String(length=200), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("close_reason", sa.String(length=300), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("state IN ('new','assigned','filled','confirmed','closed')", name=op.f("ck_lead_state")),
        sa.ForeignKeyConstraint(["assignee_id"], ["user_account.id"], name=op.f("fk_lead_assignee_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_lead_organisation_id_organisation"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
    )
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lead_assignee_id"), ["assignee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_state"), ["state"], unique=False)

    op.create_table(
        "match_feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("query_kind", sa.String(length=12), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("item_kind", sa.String(length=12), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("engine_version", sa.String(length=80), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_match_feedback_user_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_feedback")),
        sa.UniqueConstraint(
            "user_id", "query_kind", "query_id", "item_kind", "item_id", name=op.f("uq_match_feedback_user_id_query_kind_query_id_item_kind_item_id")
        ),
    )
    with op.batch_alter_table("match_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_feedback_is_sample"), ["is_sample"], unique=False)

    op.create_table(
        "match_outcome",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("ref_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("surface", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("query_kind", sa.String(length=12), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=True),
        sa.Column("item_kind", sa.String(length=12), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("engine_version", sa.String(length=80), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("act IN ('opened','contact','bid','contract')", name=op.f("ck_match_outcome_act")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_match_outcome_user_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_outcome")),
    )
    with op.batch_alter_table("match_outcome", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_outcome_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index("ix_match_outcome_ref", ["act", "ref_id"], unique=False)
        batch_op.create_index("ix_match_outcome_version", ["engine_version", "act"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_notice_user_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_user_id"), ["user_id"], unique=False)

    op.create_table(
        "release",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("data_until", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_release_by_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_year"), ["year"], unique=False)

    op.create_table(
        "section_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_section_comment_by_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section_comment")),
    )
    with op.batch_alter_table("section_comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_section_comment_subject_id"), ["subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_section_comment_subject_kind"), ["subject_kind"], unique=False)

    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["user_account.id"], name=op.f("fk_setting_changed_by_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_recovery_code_user_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "stand_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("absent_id", sa.Integer(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("absent_id <> stand_in_id", name=op.f("ck_stand_in_two_people")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_stand_in_days_in_order")),
        sa.ForeignKeyConstraint(["absent_id"], ["user_account.id"], name=op.f("fk_stand_in_absent_id_user_account"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["stand_in_id"], ["user_account.id"], name=op.f("fk_stand_in_stand_in_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_in")),
    )
    with op.batch_alter_table("stand_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stand_in_absent_id"), ["absent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stand_in_stand_in_id"), ["stand_in_id"], unique=False)

    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("subject_kind", sa.String(length=20), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_token_organisation_id_organisation"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_token_user_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_token_token_hash")),
    )
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_token_purpose"), ["purpose"], unique=False)

    op.create_table(
        "user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_role_user_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_role")),
        sa.UniqueConstraint("user_id", "role", name=op.f("uq_user_role_user_id_role")),
    )
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_role_user_id"), ["user_id"], unique=False)

    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("totp_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_version_by_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("subject_kind", "subject_id", "number", name=op.f("uq_version_subject_kind_subject_id_number")),
    )
    op.create_table(
        "attachment_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_attachment_grant_attachment_id_attachment"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_attachment_grant_organisation_id_organisation"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment_grant")),
        sa.UniqueConstraint("attachment_id", "organisation_id", name=op.f("uq_attachment_grant_attachment_id_organisation_id")),
    )
    op.create_table(
        "challenge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("adviser_id", sa.Integer(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("pain", sa.Text(), nullable=False),
        sa.Column("background", sa.Text(), nullable=False),
        sa.Column("tried", sa.Text(), nullable=False),
        sa.Column("requirements", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=2), nullable=True),
        sa.Column("field_guessed", sa.Boolean(), nullable=False),
        sa.Column("track", sa.String(length=20), nullable=True),
        sa.Column("need_type", sa.String(length=20), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("budget_stated", sa.Boolean(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=True),
        sa.Column("budget_max_fen", sa.BigInteger(), nullable=True),
        sa.Column("period_months", sa.Integer(), nullable=True),
        sa.Column("modes", sa.String(length=120), nullable=False),
        sa.Column("ip_wish", sa.String(length=20), nullable=True),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("contact_name", sa.String(length=40), nullable=False),
        sa.Column("contact_phone", sa.String(length=30), nullable=False),
        sa.Column("no_secrets", sa.Boolean(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("procedure", sa.String(length=12), nullable=False),
        sa.Column("visibility", sa.String(length=12), nullable=False),
        sa.Column("publicity_days", sa.Integer(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("publicity_from", sa.Date(), nullable=True),
        sa.Column("publicity_until", sa.Date(), nullable=True),
        sa.Column("publicity_estimated", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_due", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=300), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("procedure IN ('open_call','negotiated','scouting')", name=op.f("ck_challenge_procedure")),
        sa.CheckConstraint(
            "state IN ('draft','submitted','returned','rejected','published','selecting','publicity','selected','contracted','completed','unsuccessful','withdrawn','terminated','suspended')",
            name=op.f("ck_challenge_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('published','selecting','publicity','selected') OR published_at IS NOT NULL", name=op.f("ck_challenge_published_has_date")
        ),
        sa.CheckConstraint("budget_fen IS NULL OR (budget_fen >= 0 AND budget_fen <= 100000000000000)", name=op.f("ck_challenge_budget")),
        sa.ForeignKeyConstraint(["adviser_id"], ["user_account.id"], name=op.f("fk_challenge_adviser_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["assignee_id"], ["user_account.id"], name=op.f("fk_challenge_assignee_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_challenge_author_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_challenge_lead_id_lead"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_challenge_organisation_id_organisation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("number", name=op.f("uq_challenge_number")),
    )
    with op.batch_alter_table("challenge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenge_closes_at"), ["closes_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_challenge_field"), ["field"], unique=False)
        batch_op.create_index(batch_op.f("ix_challenge_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_challenge_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_challenge_region"), ["region"], unique=False)
        batch_op.create_index("ix_challenge_state_published", ["state", "published_at"], unique=False)
        batch_op.create_index(
            "ix_challenge_facets",
            [
                "state", "closes_at", "valid_until", "field", "track", "region", "procedure",
                "need_type", "modes", "budget_max_fen", "budget_fen",
            ],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_challenge_track"), ["track"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("document", sa.String(length=20), nullable=False),
        sa.Column("document_version", sa.String(length=20), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_consent_lead_id_lead"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_consent_user_id_user_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_user_id"), ["user_id"], unique=False)

    op.create_table(
        "cooperation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("party_a", sa.String(length=120), nullable=False),
        sa.Column("party_b", sa.String(length=120), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("expected_fen", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_cooperation_batch_id_import_batch"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperation")),
    )
    with op.batch_alter_table("cooperation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cooperation_is_sample"), ["is_sample"], unique=False)

    op.create_table(
        "import_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id_import_batch"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.create_index("ix_import_row_batch", ["batch_id", "number"], unique=False)

    op.create_table(
        "ip_right",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("capability_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("checked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["capability_id"], ["capability.id"], name=op.f("fk_ip_right_capability_id_capability"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ip_right")),
    )
    with op.batch_alter_table("ip_right", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ip_right_capability_id"), ["capability_id"], unique=False)

    op.create_table(
        "bid",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("payload_sha256", sa.String(length=64), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alias", sa.String(length=20), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("loss_reason", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft','intention','invited','submitted','withdrawn','opened','reserve','chosen','not_chosen','lapsed')",
            name=op.f("ck_bid_state"),
        ),
        sa.CheckConstraint("state NOT IN ('opened','chosen') OR opened_at IS NOT NULL", name=op.f("ck_bid_opened_has_date")),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_bid_author_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_bid_challenge_id_challenge"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_bid_organisation_id_organisation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid")),
    )
    with op.batch_alter_table("bid", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bid_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_bid_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(
            "one_award", ["challenge_id"], unique=True, sqlite_where=sa.text("state = 'chosen'"), postgresql_where=sa.text("state = 'chosen'")
        )
        batch_op.create_index(
            "one_live_bid",
            ["challenge_id", "organisation_id"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('lapsed')"),
            postgresql_where=sa.text("state NOT IN ('lapsed')"),
        )

    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seeker_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_seeker", sa.Boolean(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=True),
        sa.Column("capability_id", sa.Integer(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("broker_id", sa.Integer(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("match_rank", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answer_due", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(length=20), nullable=True),
        sa.Column("answer_note", sa.String(length=300), nullable=True),
        sa.Column("expected_fen", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=300), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("state <> 'accepted' OR answered_at IS NOT NULL", name=op.f("ck_contact_accepted_has_date")),
        sa.CheckConstraint("state IN ('asked','accepted','declined','withdrawn','contracted','closed')", name=op.f("ck_contact_state")),
        sa.CheckConstraint("challenge_id IS NOT NULL OR capability_id IS NOT NULL", name=op.f("ck_contact_about_something")),
        sa.CheckConstraint("seeker_id <> provider_id", name=op.f("ck_contact_two_sides")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user_account.id"], name=op.f("fk_contact_answered_by_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user_account.id"], name=op.f("fk_contact_asked_by_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["broker_id"], ["user_account.id"], name=op.f("fk_contact_broker_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["capability_id"], ["capability.id"], name=op.f("fk_contact_capability_id_capability"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_contact_challenge_id_challenge"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_contact_provider_id_organisation"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seeker_id"], ["organisation.id"], name=op.f("fk_contact_seeker_id_organisation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_capability_id"), ["capability_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_seeker_id"), ["seeker_id"], unique=False)
        batch_op.create_index("ix_contact_state", ["state", "answer_due"], unique=False)

    op.create_table(
        "indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("present", sa.String(length=80), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("method", sa.String(length=160), nullable=False),
        sa.Column("must", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_indicator_challenge_id_challenge"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
    )
    with op.batch_alter_table("indicator", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_indicator_challenge_id"), ["challenge_id"], unique=False)

    op.create_table(
        "addendum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("closes_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(closes_before IS NULL) = (closes_after IS NULL)", name=op.f("ck_addendum_both_deadlines")),
        sa.CheckConstraint("closes_after IS NULL OR closes_after > closes_before", name=op.f("ck_addendum_only_later")),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_addendum_by_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_addendum_challenge_id_challenge"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addendum")),
        sa.UniqueConstraint("challenge_id", "number", name=op.f("uq_addendum_challenge_id_number")),
    )
    with op.batch_alter_table("addendum", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_addendum_challenge_id"), ["challenge_id"], unique=False)

    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("raised_by", sa.String(length=120), nullable=False),
        sa.Column("reach", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("answer_due", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name=op.f("ck_objection_answered_has_date")),
        sa.CheckConstraint("state IN ('open','dismissed','upheld','withdrawn')", name=op.f("ck_objection_state")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user_account.id"], name=op.f("fk_objection_answered_by_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_objection_bid_id_bid"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_objection_challenge_id_challenge"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user_account.id"], name=op.f("fk_objection_recorded_by_id_user_account"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objection_bid_id"), ["bid_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_objection_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index("ix_objection_state", ["state", "answer_due"], unique=False)

    op.create_table(
        "bid_answer",
        sa.Column("bid_id", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("period_months", sa.Integer(), nullable=True),
        sa.Column("price_fen", sa.BigInteger(), nullable=True),
        sa.Column("technology_fen", sa.BigInteger(), nullable=True),
        sa.Column("equipment_fen", sa.BigInteger(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_answer_bid_id_bid"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bid_id", name=op.f("pk_bid_answer")),
    )
    op.create_table(
        "bid_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(length=300), nullable=False),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_member_bid_id_bid"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["user_account.id"], name=op.f("fk_bid_member_confirmed_by_id_user_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_bid_member_organisation_id_organisation"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_member")),
        sa.UniqueConstraint("bid_id", "organisation_id", name=op.f("uq_bid_member_bid_id_organisation_id")),
    )
    with op.batch_alter_table("bid_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_member_bid_id"), ["bid_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bid_member_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "bid_milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_milestone_bid_id_bid"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_milestone")),
    )
    with op.batch_alter_table("bid_milestone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_milestone_bid_id"), ["bid_id"], unique=False)

    op.create_table(
        "bid_response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bid_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("promised", sa.String(length=120), nullable=False),
        sa.Column("meets", sa.String(length=10), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_response_bid_id_bid"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_bid_response_indicator_id_indicator"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_response")),
    )
    with op.batch_alter_table("bid_response", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bid_response_bid_id"), ["bid_id"], unique=False)

    op.create_table(
        "contact_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_contact_line_by_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_line_contact_id_contact"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_line")),
    )
    with op.batch_alter_table("contact_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_line_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_line_is_sample"), ["is_sample"], unique=False)

    op.create_table(
        "contract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=True),
        sa.Column("capability_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("bid_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=2), nullable=False),
        sa.Column("subtype", sa.String(length=20), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("technical_amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("payment_mode", sa.String(length=20), nullable=False),
        sa.Column("related_parties", sa.Boolean(), nullable=False),
        sa.Column("plan_source", sa.String(length=12), nullable=False),
        sa.Column("ip_type", sa.String(length=12), nullable=False),
        sa.Column("field", sa.String(length=2), nullable=True),
        sa.Column("goal_code", sa.String(length=20), nullable=False),
        sa.Column("industry", sa.String(length=6), nullable=True),
        sa.Column("new_investment_fen", sa.BigInteger(), nullable=True),
        sa.Column("new_output_fen", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("seller_id", sa.Integer(), nullable=True),
        sa.Column("seller_name", sa.String(length=120), nullable=False),
        sa.Column("seller_region", sa.String(length=6), nullable=False),
        sa.Column("seller_kind", sa.String(length=12), nullable=False),
        sa.Column("seller_facts", sa.JSON(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=True),
        sa.Column("buyer_name", sa.String(length=120), nullable=False),
        sa.Column("buyer_region", sa.String(length=6), nullable=False),
        sa.Column("buyer_kind", sa.String(length=12), nullable=False),
        sa.Column("buyer_facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_reason", sa.String(length=300), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("registration_number", sa.String(length=16), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("registry_office", sa.String(length=80), nullable=False),
        sa.Column("early_or_elsewhere", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "state <> 'registered' OR (registration_number IS NOT NULL AND registered_on IS NOT NULL)", name=op.f("ck_contract_registered_has_number")
        ),
        sa.CheckConstraint(
            "state IN ('draft','signed','filed','returned','registered','refused','cancelled','abandoned')", name=op.f("ck_contract_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('signed','filed','returned','registered') OR signed_on IS NOT NULL", name=op.f("ck_contract_signed_has_date")
        ),
        sa.CheckConstraint("type IN ('KF','ZR','XK','ZX','FW')", name=op.f("ck_contract_type")),
        sa.CheckConstraint("amount_fen > 0 AND amount_fen <= 100000000000000", name=op.f("ck_contract_amount")),
        sa.CheckConstraint(
            "technical_amount_fen IS NULL OR (technical_amount_fen > 0 AND technical_amount_fen <= amount_fen)",
            name=op.f("ck_contract_technical_amount"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_contract_author_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_contract_batch_id_import_batch"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_contract_bid_id_bid"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_contract_buyer_id_organisation"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["capability_id"], ["capability.id"], name=op.f("fk_contract_capability_id_capability"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_contract_challenge_id_challenge"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contract_contact_id_contact"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["parent_id"], ["contract.id"], name=op.f("fk_contract_parent_id_contract"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["seller_id"], ["organisation.id"], name=op.f("fk_contract_seller_id_organisation"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("registration_number", name=op.f("uq_contract_registration_number")),
    )
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_buyer_region"), ["buyer_region"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_field"), ["field"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index("ix_contract_registered", ["state", "registered_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_seller_id"), ["seller_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_seller_region"), ["seller_region"], unique=False)
        batch_op.create_index("ix_contract_signed", ["state", "signed_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_source"), ["source"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_type"), ["type"], unique=False)

    op.create_table(
        "adjustment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("delta_fen", sa.BigInteger(), nullable=False),
        sa.Column("technical_delta_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_adjustment_by_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_adjustment_contract_id_contract"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
    )
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjustment_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_adjustment_is_sample"), ["is_sample"], unique=False)

    op.create_table(
        "instalment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_instalment_contract_id_contract"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
    )
    with op.batch_alter_table("instalment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instalment_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_sample", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_payment_by_id_user_account"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_payment_contract_id_contract"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_is_sample"), ["is_sample"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_paid_on"), ["paid_on"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_paid_on"))
        batch_op.drop_index(batch_op.f("ix_payment_is_sample"))
        batch_op.drop_index(batch_op.f("ix_payment_contract_id"))

    op.drop_table("payment")
    with op.batch_alter_table("instalment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instalment_contract_id"))

    op.drop_table("instalment")
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_adjustment_is_sample"))
        batch_op.drop_index(batch_op.f("ix_adjustment_contract_id"))

    op.drop_table("adjustment")
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_type"))
        batch_op.drop_index(batch_op.f("ix_contract_source"))
        batch_op.drop_index("ix_contract_signed")
        batch_op.drop_index(batch_op.f("ix_contract_seller_region"))
        batch_op.drop_index(batch_op.f("ix_contract_seller_id"))
        batch_op.drop_index("ix_contract_registered")
        batch_op.drop_index(batch_op.f("ix_contract_is_sample"))
        batch_op.drop_index(batch_op.f("ix_contract_field"))
        batch_op.drop_index(batch_op.f("ix_contract_challenge_id"))
        batch_op.drop_index(batch_op.f("ix_contract_buyer_region"))
        batch_op.drop_index(batch_op.f("ix_contract_parent_id"))
        batch_op.drop_index(batch_op.f("ix_contract_buyer_id"))
        batch_op.drop_index(batch_op.f("ix_contract_batch_id"))

    op.drop_table("contract")
    with op.batch_alter_table("contact_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_line_is_sample"))
        batch_op.drop_index(batch_op.f("ix_contact_line_contact_id"))

    op.drop_table("contact_line")
    with op.batch_alter_table("bid_response", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_response_bid_id"))

    op.drop_table("bid_response")
    with op.batch_alter_table("bid_milestone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_milestone_bid_id"))

    op.drop_table("bid_milestone")
    with op.batch_alter_table("bid_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bid_member_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_bid_member_bid_id"))

    op.drop_table("bid_member")
    op.drop_table("bid_answer")
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_index("ix_objection_state")
        batch_op.drop_index(batch_op.f("ix_objection_challenge_id"))
        batch_op.drop_index(batch_op.f("ix_objection_bid_id"))

    op.drop_table("objection")
    with op.batch_alter_table("addendum", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_addendum_challenge_id"))

    op.drop_table("addendum")
    with op.batch_alter_table("indicator", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_indicator_challenge_id"))

    op.drop_table("indicator")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_state")
        batch_op.drop_index(batch_op.f("ix_contact_seeker_id"))
        batch_op.drop_index(batch_op.f("ix_contact_provider_id"))
        batch_op.drop_index(batch_op.f("ix_contact_is_sample"))
        batch_op.drop_index(batch_op.f("ix_contact_challenge_id"))
        batch_op.drop_index(batch_op.f("ix_contact_capability_id"))

    op.drop_table("contact")
    with op.batch_alter_table("bid", schema=None) as batch_op:
        batch_op.drop_index("one_live_bid", sqlite_where=sa.text("state NOT IN ('lapsed')"), postgresql_where=sa.text("state NOT IN ('lapsed')"))
        batch_op.drop_index("one_award", sqlite_where=sa.text("state = 'chosen'"), postgresql_where=sa.text("state = 'chosen'"))
        batch_op.drop_index(batch_op.f("ix_bid_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_bid_is_sample"))
        batch_op.drop_index(batch_op.f("ix_bid_challenge_id"))

    op.drop_table("bid")
    with op.batch_alter_table("ip_right", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ip_right_capability_id"))

    op.drop_table("ip_right")
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index("ix_import_row_batch")

    op.drop_table("import_row")
    with op.batch_alter_table("cooperation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cooperation_is_sample"))

    op.drop_table("cooperation")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_user_id"))

    op.drop_table("consent")
    with op.batch_alter_table("challenge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_challenge_track"))
        batch_op.drop_index("ix_challenge_state_published")
        batch_op.drop_index("ix_challenge_facets")
        batch_op.drop_index(batch_op.f("ix_challenge_region"))
        batch_op.drop_index(batch_op.f("ix_challenge_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_challenge_is_sample"))
        batch_op.drop_index(batch_op.f("ix_challenge_field"))
        batch_op.drop_index(batch_op.f("ix_challenge_closes_at"))

    op.drop_table("challenge")
    op.drop_table("attachment_grant")
    op.drop_table("version")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_user_id"))

    op.drop_table("user_session")
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_role_user_id"))

    op.drop_table("user_role")
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_token_purpose"))

    op.drop_table("token")
    with op.batch_alter_table("stand_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stand_in_stand_in_id"))
        batch_op.drop_index(batch_op.f("ix_stand_in_absent_id"))

    op.drop_table("stand_in")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_user_id"))

    op.drop_table("recovery_code")
    op.drop_table("setting")
    with op.batch_alter_table("section_comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_section_comment_subject_kind"))
        batch_op.drop_index(batch_op.f("ix_section_comment_subject_id"))

    op.drop_table("section_comment")
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_year"))
        batch_op.drop_index(batch_op.f("ix_release_is_sample"))

    op.drop_table("release")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_user_id"))
        batch_op.drop_index(batch_op.f("ix_notice_is_sample"))

    op.drop_table("notice")
    with op.batch_alter_table("match_outcome", schema=None) as batch_op:
        batch_op.drop_index("ix_match_outcome_version")
        batch_op.drop_index("ix_match_outcome_ref")
        batch_op.drop_index(batch_op.f("ix_match_outcome_is_sample"))

    op.drop_table("match_outcome")
    with op.batch_alter_table("match_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_feedback_is_sample"))

    op.drop_table("match_feedback")
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lead_state"))
        batch_op.drop_index(batch_op.f("ix_lead_is_sample"))
        batch_op.drop_index(batch_op.f("ix_lead_assignee_id"))

    op.drop_table("lead")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_state")

    op.drop_table("job")
    with op.batch_alter_table("impression", schema=None) as batch_op:
        batch_op.drop_index("ix_impression_item")
        batch_op.drop_index(batch_op.f("ix_impression_is_sample"))

    op.drop_table("impression")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_batch_is_sample"))
        batch_op.drop_index(batch_op.f("ix_import_batch_file_sha256"))

    op.drop_table("import_batch")
    with op.batch_alter_table("history_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_history_entry_is_sample"))
        batch_op.drop_index("ix_history_entry_at")

    op.drop_table("history_entry")
    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goal_is_sample"))

    op.drop_table("goal")
    with op.batch_alter_table("capability", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_capability_track"))
        batch_op.drop_index("ix_capability_state_published")
        batch_op.drop_index("ix_capability_published_at")
        batch_op.drop_index("ix_capability_facets")
        batch_op.drop_index(batch_op.f("ix_capability_stage"))
        batch_op.drop_index(batch_op.f("ix_capability_region"))
        batch_op.drop_index(batch_op.f("ix_capability_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_capability_is_sample"))
        batch_op.drop_index(batch_op.f("ix_capability_field"))
        batch_op.drop_index(batch_op.f("ix_capability_confirmed_on"))

    op.drop_table("capability")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index("ix_attachment_subject")
        batch_op.drop_index(batch_op.f("ix_attachment_is_sample"))

    op.drop_table("attachment")
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_log_at"))

    op.drop_table("access_log")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_account_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_user_account_is_sample"))

    op.drop_table("user_account")
    op.drop_table("worker_beat")
    with op.batch_alter_table("rate_bucket", schema=None) as batch_op:
        batch_op.drop_index("ix_rate_bucket_window")

    op.drop_table("rate_bucket")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_state")
        batch_op.drop_index(batch_op.f("ix_outbox_is_sample"))

    op.drop_table("outbox")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_region"))
        batch_op.drop_index(batch_op.f("ix_organisation_name"))
        batch_op.drop_index(batch_op.f("ix_organisation_is_sample"))

    op.drop_table("organisation")
    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.drop_index("ix_match_query")
        batch_op.drop_index("ix_match_item")
        batch_op.drop_index(batch_op.f("ix_match_is_sample"))

    op.drop_table("match")
    op.drop_table("index_change")
    op.drop_table("import_mapping")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_key_at"))

    op.drop_table("idempotency_key")
    op.drop_table("holiday")
    with op.batch_alter_table("history_head", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_history_head_is_sample"))

    op.drop_table("history_head")
    op.drop_table("embedding")
