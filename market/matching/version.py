"""The version that is recorded with every list shown; raised whenever a ranking can come out differently."""

ENGINE_VERSION = "2.0.0"
