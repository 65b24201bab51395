"""Files as people have them: with quotes over lines, other encodings, holes, and broken ends."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_feeds import reading
from data_feeds.cells import Bad
from data_feeds.reading import ReadError, Report, Shape, read

PLAIN = Shape()


def rows_of(path: Path, columns: list[str], shape: Shape = PLAIN, report: Report | None = None) -> list[tuple]:
    """(line, cell, …) of every row."""
    found = []
    for batch in read(path, columns, shape, report or Report()):
        found += zip(batch.lines.tolist(), *(batch.columns[name].tolist() for name in columns), strict=True)
    return found


def csv_file(tmp_path: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_csv_rows_know_their_lines(tmp_path):
    path = csv_file(tmp_path, 'a,b,c\n1,"two\nlines",x\n\n2,three,y\n')
    assert rows_of(path, ["c", "b"]) == [(2, "x", "two\nlines"), (5, "y", "three")]


def test_gzip_is_known_by_its_bytes_not_its_name(tmp_path):
    path = csv_file(tmp_path, gzip.compress(b"a;b\r\n1;2\r\n"))
    assert rows_of(path, ["b"], Shape(delimiter=";")) == [(2, "2")]


def test_a_file_without_header_and_one_with_a_preamble(tmp_path):
    assert rows_of(csv_file(tmp_path, "1,2\n3,4\n"), ["b"], Shape(names=("a", "b"))) == [(1, "2"), (2, "4")]
    assert rows_of(csv_file(tmp_path, "report\nof today\na,b\n1,2\n"), ["b"], Shape(skip_lines=2)) == [(4, "2")]


@pytest.mark.parametrize(
    ("encoding", "content"),
    [("utf-8", "\ufeffa,地点\n1,天府广场\n".encode()), ("gb18030", "a,地点\n1,天府广场\n".encode("gb18030")),
     ("utf-16", "a,地点\n1,天府广场\n".encode("utf-16"))],
)  # fmt: skip
def test_encodings(tmp_path, encoding, content):
    assert rows_of(csv_file(tmp_path, content), ["地点"], Shape(encoding=encoding)) == [(2, "天府广场")]


def test_a_line_in_another_encoding_costs_one_line(tmp_path):
    report = Report()
    path = csv_file(tmp_path, "a,b\n1,好\n".encode() + "2,好\n".encode("gb18030") + b"3,ok\n")
    assert rows_of(path, ["a", "b"], Shape(), report) == [(2, "1", "好"), (4, "3", "ok")]
    assert report.total_refused == 1
    assert f"{path}:3:" in report.take_fresh()[0]
    assert report.rows == 3


def test_rows_of_another_width_are_named_and_counted(tmp_path):
    report = Report()
    path = csv_file(tmp_path, "a,b\n1,2\n1,2,3\n1\n5,6\n")
    assert rows_of(path, ["a"], Shape(), report) == [(2, "1"), (5, "5")]
    assert [line.split(": ")[0] for line in report.take_fresh()] == [f"{path}:3", f"{path}:4"]
    assert report.rows == 4


def test_a_quote_that_never_ends_is_no_row(tmp_path):
    report = Report()
    path = csv_file(tmp_path, 'a,b\n1,2\n3,"' + "x\n" * 100_000)
    assert rows_of(path, ["a"], Shape(), report)[0] == (2, "1")
    assert report.total_refused >= 1


def test_batches_join_without_a_seam(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "CSV_BATCH", 7)
    path = csv_file(tmp_path, "n\n" + "".join(f"{n}\n" for n in range(50)))
    assert rows_of(path, ["n"]) == [(n + 2, str(n)) for n in range(50)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n1,2\n", "no header line"),
        (b"a,b\n1,2\n", "no column 'place'; it has 'a', 'b'"),
        (b"place,x,place\n1,2,3\n", "'place' exists 2 times"),
        ("place\n1\n".encode("utf-16"), 'encoding = "utf-16"'),
        (gzip.compress(b"place\n" + bytes(range(48, 58)) * 5000)[:-20], "gzip data break off"),
        (b"PAR1 and nothing else", "not a readable Parquet file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_way_out(tmp_path, content, said):
    path = csv_file(tmp_path, content)
    with pytest.raises(ReadError) as caught:
        rows_of(path, ["place"])
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_what_is_not_there_and_what_is_a_folder(tmp_path):
    with pytest.raises(ReadError, match="no such file"):
        rows_of(tmp_path / "none.csv", ["a"])
    with pytest.raises(ReadError, match="cannot be read"):
        rows_of(tmp_path, ["a"])


def test_a_header_and_nothing_else_has_no_rows(tmp_path):
    assert rows_of(csv_file(tmp_path, "a,b\n"), ["a"]) == []


def test_parquet_columns_of_many_kinds(tmp_path):
    frame = pd.DataFrame({
        "id": np.array([1, 2], np.int16), "word": pd.Categorical(["x", None]), "lat": [1.5, None],
        "at": pd.to_datetime(["2024-06-03T08:00:00.123456Z", None]), "naive": pd.to_datetime(["2024-06-03", None]),
        "list": [["a", "b"], None], "unused": [0, 0],
    })  # fmt: skip
    path = tmp_path / "t.parquet"
    frame.to_parquet(path)
    columns = ["id", "word", "lat", "at", "naive", "list"]
    [batch] = read(path, columns, Shape(), Report())
    assert batch.lines.tolist() == [1, 2]
    assert batch.aware == {"at"}
    assert set(batch.columns) == set(columns)
    assert batch.columns["id"].tolist() == [1, 2]
    assert batch.columns["word"].tolist() == ["x", None]
    assert batch.columns["lat"].tolist()[0] == 1.5
    assert batch.columns["at"][0] == np.datetime64("2024-06-03T08:00:00.123456")
    assert np.isnat(batch.columns["naive"][1])
    assert batch.columns["list"].tolist() == [["a", "b"], None]


def test_parquet_lists_of_one_length_stay_lists(tmp_path):
    pq.write_table(pa.table({"units": [["a", "b"], ["c", "d"]]}), tmp_path / "t.parquet")
    assert rows_of(tmp_path / "t.parquet", ["units"]) == [(1, ["a", "b"]), (2, ["c", "d"])]


def test_parquet_with_a_column_twice_or_missing(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    with pytest.raises(ReadError, match="exists 2 times"):
        rows_of(path, ["a"])
    with pytest.raises(ReadError, match="no column 'b'"):
        rows_of(path, ["b"])


def test_a_report_names_the_first_rows_and_counts_all():
    report = Report(limit=2)
    for line in range(5):
        report.refuse(Path("f.csv"), line, Bad("no time", f"row {line}"))
    assert report.take_fresh() == [
        "f.csv:0: row left out: no time: row 0", "f.csv:1: row left out: no time: row 1",
        "f.csv: further rows of this cause are only counted",
    ]  # fmt: skip
    assert report.take_fresh() == []
    assert report.summary() == ["5 rows left out of f.csv: no time"]
