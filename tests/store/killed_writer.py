"""A program for test_durability: write mixed changes to a file and print each when it is safe."""

import random
import sys
from pathlib import Path

from myapp.store import (
    AddField,
    ChangeField,
    CreateTable,
    Database,
    DeleteRecords,
    DropField,
    InsertRecord,
    Kind,
    MoveField,
    NewField,
    UpdateRecord,
    open_database,
)


def rebuild(database: Database, chance: random.Random) -> None:
    """Change the fields of `t` around the one that is looked at, whatever the last kill left."""
    fields = {field.name: field for field in database.table("t").fields}
    if "x" not in fields:
        database.apply(AddField("t", NewField("x", Kind.TEXT)))
        return
    changes = (
        DropField("t", "x"),
        ChangeField("t", "x", Kind.TEXT if fields["x"].kind is Kind.DATE else Kind.DATE),
        ChangeField("t", "a", required=chance.random() < 0.5),
        MoveField("t", "a", chance.randrange(3)),
    )
    told = database.next_undo()
    database.apply(chance.choice(changes))
    if database.next_undo() != told and chance.random() < 0.5:
        database.undo()
        if chance.random() < 0.5:
            database.redo()


def main() -> None:
    path, seed = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(seed)
    database = open_database(path)
    live: dict[str, str] = {}
    print("ready", flush=True)
    for step in range(100_000):
        what = chance.random()
        text = f"{seed}-{step}"
        if what < 0.5 or not live:
            made = database.apply(InsertRecord("t", {"a": text}))
            assert made.id is not None
            live[made.id] = text
            print(f"+ {made.id} {text}", flush=True)
        elif what < 0.75:
            id_ = chance.choice(list(live))
            database.apply(UpdateRecord("t", id_, {"a": text}))
            live[id_] = text
            print(f"+ {id_} {text}", flush=True)
        elif what < 0.85:
            gone = tuple(chance.sample(list(live), min(3, len(live))))
            database.apply(DeleteRecords("t", gone))
            for id_ in gone:
                del live[id_]
            print(f"- {' '.join(gone)}", flush=True)
        elif what < 0.9:
            id_ = chance.choice(list(live))
            database.apply(UpdateRecord("t", id_, {"a": "undone"}))
            print(f"? {id_}", flush=True)
            database.undo()
            print(f"+ {id_} {live[id_]}", flush=True)
        elif what < 0.93:
            database.apply(CreateTable(f"made {text}", (NewField("x", Kind.TEXT),)))
            print(f"t made {text}", flush=True)
        elif what < 0.97:
            rebuild(database, chance)
            print(f"s {text}", flush=True)
        else:
            with database.stage(f"imported {text}", [NewField("x", Kind.INTEGER)]) as staging:
                staging.append((n,) for n in range(300))
                staging.append((n,) for n in range(300))
                staging.finish()
            print(f"t imported {text}", flush=True)


if __name__ == "__main__":
    main()
