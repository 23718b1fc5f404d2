"""The version that is recorded with every list shown; raised whenever a ranking can come out differently."""

ENGINE_VERSION = "1.0.0"
