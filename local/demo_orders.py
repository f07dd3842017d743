"""The files that the demo drops: the samples of events/orders, or one that is as large as asked."""

import csv
import io
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice

from local.deployment import client
from local.settings import ROOT, Settings

SAMPLES = ROOT / "events" / "orders"
COLUMNS = ("sku", "amount", "quantity", "name", "email", "message")
CHOICES = (
    ("WWQ651BHNWSH", "25.00"),
    ("WPAY-GROCERY", "50.00"),
    ("WPAY-FUEL", "20.00"),
    ("WWQ651BHNWSH", "100.00"),
    ("WPAY-GROCERY", "10.00"),
    ("WPAY-FUEL", "40.00"),
)


@dataclass(slots=True)
class DroppedFile:
    """One file, one order. `dropped_at` is in seconds since 1970."""

    name: str
    refno: str
    content: bytes = field(repr=False)
    dropped_at: float = 0.0


def sample_files(run: str) -> list[DroppedFile]:
    """The CSV files of events/orders, under refnos that no run before had."""
    return [
        DroppedFile(path.stem, f"demo-{path.stem}-{run}", path.read_bytes()) for path in sorted(SAMPLES.glob("*.csv"))
    ]


def generated_file(cards: int, run: str) -> DroppedFile:
    """One file with a row, and a recipient, for each card."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(generated_rows(cards))
    return DroppedFile(str(cards), f"demo-{cards}-{run}", text.getvalue().encode())


def generated_rows(cards: int) -> Iterator[tuple[str, ...]]:
    for number, (sku, amount) in enumerate(islice(cycle(CHOICES), cards), start=1):
        name, email = f"Recipient {number}", f"recipient.{number}@example.com"
        yield sku, amount, "1", name, email, "Thank you!"


def drop(files: list[DroppedFile], outputs: Mapping[str, str], settings: Settings) -> None:
    """Put the files where customers put theirs, all at once."""
    s3 = client(settings, "s3")

    def put(file: DroppedFile) -> None:
        file.dropped_at = time.time()
        key = f"orders/{outputs['Tenant']}/{file.refno}.csv"
        s3.put_object(Bucket=outputs["DropBucketName"], Key=key, Body=file.content)

    with ThreadPoolExecutor(len(files)) as pool:
        list(pool.map(put, files))
