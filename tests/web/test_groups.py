"""The page of a view's groups: counts, sums, and a way to the records of each."""

import html
import re

from flask.testing import FlaskClient

from tests.store.conftest import raw

BOOKS = "/tables/Books"


def lines(page: str) -> list[list[str]]:
    found = []
    for row in re.findall(r"<tr>(.*?)</tr>", page, re.S):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        found.append([html.unescape(re.sub("<[^>]*>", "", cell)) for cell in cells])
    return found


def links(page: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'<th scope="row"><a href="([^"]*)"', page)]


def test_each_author_is_counted_and_leads_to_the_books(books: FlaskClient) -> None:
    page = books.get(BOOKS, query_string={"group": "Author", "order": "value"}).text
    head, *rows, all_ = lines(page)
    assert head[:2] == ["Author", "Records"]
    assert "Sum of Pages" in head
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert sum(int(row[1]) for row in rows) == int(all_[1]) == 12
    for row, link in zip(rows, links(page), strict=True):
        _, _, query = link.partition("?")
        records = books.get(f"{BOOKS}/rows?{query}").json
        assert records is not None
        assert records["total"] == int(row[1])


def test_a_saved_view_is_grouped_by_its_name_and_what_is_changed_on_top(
    books: FlaskClient,
) -> None:
    view = {"name": "Long", "filter": [["Pages", "gt", "400"]], "hide": ["Pages"]}
    books.post(f"{BOOKS}/views", json=view)
    page = books.get(BOOKS, query_string={"group": "Read", "view": "Long"}).text
    assert "View “Long”: 8 records" in page
    assert "Sum of Pages" not in page
    assert all("view=Long" in link and "gt" in link for link in links(page))
    page = books.get(BOOKS, query_string={"group": "Read", "view": "Long", "filter": "[]"}).text
    assert "View “Long”: 12 records" in page


def test_nothing_found_says_so_and_nonsense_is_refused(books: FlaskClient) -> None:
    page = books.get(BOOKS, query_string={"group": "Author", "q": "nobody at all"}).text
    assert "nothing to group" in page
    assert books.get(BOOKS, query_string={"group": "Gone"}).status_code == 400
    assert books.get(BOOKS, query_string={"group": "Author", "filter": "{"}).status_code == 400
    assert books.get(BOOKS, query_string={"group": "Author", "hide": "5"}).status_code == 400


def test_dates_are_counted_by_month_unless_another_period_is_asked_for(books: FlaskClient) -> None:
    def rows(**asked: str) -> tuple[list[list[str]], list[str]]:
        page = books.get(BOOKS, query_string={"group": "Published", **asked}).text
        return lines(page)[1:-1], links(page)

    months, _ = rows()
    assert months[0][0] == "January 1813"
    years, found = rows(unit="year", order="count")
    assert int(years[0][1]) >= int(years[-1][1]) == 1
    quarters, _ = rows(unit="quarter")
    assert quarters[0][0] == "January to March 1813"
    weeks, _ = rows(unit="week")
    assert weeks[0][0] == "1813, week 4 (1813-01-25 to 1813-01-31)"
    assert rows(unit="day")[0][0][0] == rows(unit="each", order="value")[0][0][0] == "1813-01-28"
    for row, link in zip(years, found, strict=True):
        records = books.get(f"{BOOKS}/rows?{link.partition('?')[2]}").json
        assert records is not None
        assert records["total"] == int(row[1])
    assert books.get(BOOKS, query_string={"group": "Published", "unit": "age"}).status_code == 400


def test_a_value_that_is_no_date_is_named_in_its_own_group(books: FlaskClient) -> None:
    raw(
        books.application.extensions["workspace"].database().path,
        "UPDATE Books SET Published = '1.2.1890 or so' WHERE Title = 'Emma'",
    )
    page = books.get(BOOKS, query_string={"group": "Published"}).text
    assert lines(page)[-2][:2] == ["(no date, such as “1.2.1890 or so”)", "1"]
    records = books.get(f"{BOOKS}/rows?{links(page)[-1].partition('?')[2]}").json
    assert records is not None
    assert records["total"] == 1


def test_sums_show_no_noise_of_floats_and_as_many_decimals_in_every_group(
    client: FlaskClient,
) -> None:
    """Of a million records one stood there as 574,401,462.7599999905."""
    form = {"name": "Sale", "field": ["City", "Price"], "kind": ["text", "decimal"]}
    client.post("/new-table", data=form)
    for city, price in (("Oslo", "574401462.56"), ("Oslo", "0.2"), ("Rome", "0.5"), ("Nice", "")):
        client.post("/tables/Sale/records", json={"values": {"City": city, "Price": price}})
    page = client.get("/tables/Sale", query_string={"group": "City", "order": "value"}).text
    sums = [row[-1] for row in lines(page)]
    assert sums[0] == "Sum of Price"
    assert sums[2:] == ["574,401,462.76", "0.50", "574,401,463.26"]


def test_the_field_offered_first_to_group_by_is_one_that_makes_groups(books: FlaskClient) -> None:
    page = books.get(BOOKS).text
    (offered,) = re.findall(r'<select id="views-group"[^>]*>.*?</select>', page, re.S)
    assert re.findall("<option selected>([^<]*)<", offered) == ["Read"]
