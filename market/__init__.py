"""科创集市, a technology-transfer market: floors × rooms. Imports only go down.

          accounts challenges capabilities matches contacts bids contracts statistics moderation leads   ← rooms
 app      │   create_app: the only place where everything meets
 cli │ web│   entrances: terminal commands │ blueprints, forms, access, formatters
 actions  │   verbs that change the market (one file a room)
 queries │ exports   questions that read it │ rows → CSV/XLSX/DOCX bytes
 models   │   tables, relations, database constraints
 db       │   the SQLAlchemy object, read/write engines, transaction(), journal()
 domain │ matching   the rules │ the engine        (pure; neither knows the other)

Every floor has a file of the room's name, so whoever knows one room knows all of them.
"""
