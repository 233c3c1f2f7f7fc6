"""The query language as text: what may be asked of which entity, and how a query is read; it looks at no books.

Source: Intuit's page on data queries, the reference's "filterable" and "sortable" marks, and published issues.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.quickbooks.company import Company
from sandbox.quickbooks.errors import Fault
from sandbox.quickbooks.schema import BY_PATH, ENTITY_FIELDS

DEFAULT_ROWS = 100
MAX_ROWS = 1000

# Property: may be filtered by; with a + it may be sorted by too. Every entity has Id and the two times.
_EVERY = "Id+ MetaData.CreateTime+ MetaData.LastUpdatedTime+ "
_NAMED = _EVERY + "Name+ Active"
QUERYABLE: dict[str, str] = {
    "Customer": _EVERY + "DisplayName+ GivenName+ MiddleName+ FamilyName+ CompanyName+ PrintOnCheckName+ "
    "FullyQualifiedName+ Active+ Balance+ BalanceWithJobs+ PrimaryEmailAddr Title Suffix Job ParentRef",
    "Vendor": _EVERY + "DisplayName+ GivenName+ MiddleName+ FamilyName+ Suffix+ CompanyName+ PrintOnCheckName+ "
    "Active+ Balance+ Title",
    "Employee": _EVERY + "DisplayName+ GivenName+ MiddleName+ FamilyName+ Suffix+ PrintOnCheckName+ Active+",
    "Item": _EVERY + "Name+ Type+ Sku FullyQualifiedName Active",
    "Account": _EVERY + "Name+ FullyQualifiedName+ AccountType+ AccountSubType+ Classification+ Active+ "
    "CurrentBalance+ CurrentBalanceWithSubAccounts+ AcctNum Description SubAccount ParentRef",
    "Invoice": _EVERY + "DocNumber+ TxnDate+ DueDate+ Balance+ TotalAmt+ CustomerRef SalesTermRef ProjectRef",
    "Estimate": _EVERY + "DocNumber+ TxnDate+ DueDate+ TotalAmt+ CustomerRef SalesTermRef ProjectRef",
    "CreditMemo": _EVERY + "DocNumber+ TxnDate+ TotalAmt+ Balance+ CustomerRef",
    "Payment": _EVERY + "TxnDate+ PaymentRefNum+ TotalAmt+ CustomerRef",
    "SalesReceipt": _EVERY + "TxnDate+ TotalAmt+ DocNumber CustomerRef",
    "RefundReceipt": _EVERY + "TxnDate+ TotalAmt+ DocNumber CustomerRef",
    "PurchaseOrder": _EVERY + "TxnDate+ TotalAmt+ DocNumber VendorRef",
    "Purchase": _EVERY + "TxnDate+ TotalAmt+ DocNumber PaymentType",
    "VendorCredit": _EVERY + "TxnDate+ TotalAmt+ DocNumber VendorRef",
    "Bill": _EVERY + "DocNumber+ TxnDate+ DueDate+ TotalAmt+ Balance+ VendorRef APAccountRef SalesTermRef",
    "BillPayment": _EVERY + "TxnDate+ DocNumber+ TotalAmt+ VendorRef PayType",
    "Deposit": _EVERY + "TxnDate+ DocNumber TotalAmt+",
    "JournalEntry": _EVERY + "TxnDate+ DocNumber+ Adjustment",
    "Transfer": _EVERY + "TxnDate+",
    "CreditCardPayment": _EVERY + "TxnDate+",
    "TimeActivity": _EVERY + "TxnDate+ NameOf CustomerRef EmployeeRef VendorRef BillableStatus",
    "InventoryAdjustment": _EVERY + "TxnDate+ DocNumber",
    "TaxCode": _EVERY + "Name+ Description+ Active",
    "TaxRate": _NAMED + " RateValue",
    "TaxAgency": _EVERY + "DisplayName+",
    "Class": _NAMED + " FullyQualifiedName+ SubClass ParentRef",
    "Department": _NAMED + " FullyQualifiedName+ SubDepartment ParentRef",
    "Term": _NAMED + " Type DueDays",
    "PaymentMethod": _NAMED + " Type",
    "CustomerType": _NAMED,
    "CompanyCurrency": _EVERY + "Code+ Name+ Active",
    "ExchangeRate": "SourceCurrencyCode+ AsOfDate+ MetaData.LastUpdatedTime+",
    "CompanyInfo": _EVERY,
    "Preferences": _EVERY,
    "Attachable": _EVERY + "FileName+ Note ContentType AttachableRef.EntityRef.Type AttachableRef.EntityRef.value "
    "AttachableRef.EntityRef",
    "RecurringTransaction": "Id+ Type",
}
_PROPERTIES: dict[str, dict[str, tuple[str, bool]]] = {
    entity: {name.rstrip("+").casefold(): (name.rstrip("+"), name.endswith("+")) for name in names.split()}
    for entity, names in QUERYABLE.items()
}
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*') | (?P<number>-?\d+(?:\.\d+)?(?![\w-])) | (?P<word>[A-Za-z_][\w.]*)
      | (?P<operator><=|>=|!=|=|<|>) | (?P<mark>[(),*]) )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Condition:
    name: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    entity: str
    count: bool
    columns: tuple[str, ...]
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    start: int
    limit: int


def parse(company: Company, text: str) -> Query:
    """Raises Fault 4000 for what cannot be read, 4001 for what may not be asked."""
    return _Parser(company, _tokens(text)).query()


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    place = 0
    end = len(text.rstrip().rstrip(";").rstrip())
    while place < end:
        match = _TOKEN.match(text, place, end)
        if match is None:
            bad = place + len(text[place:]) - len(text[place:].lstrip())
            character = text[bad]
            raise Fault(
                4000,
                f"QueryParserError: Invalid content. Lexical error at line 1, column {bad + 1}.  "
                f'Encountered: "{character}" ({ord(character)}), after : ""',
            )
        kind = match.lastgroup or ""
        tokens.append(Token(kind, match[kind], match.start(kind) + 1))
        place = match.end()
    return tokens


class _Parser:
    def __init__(self, company: Company, tokens: list[Token]) -> None:
        self._company = company
        self._tokens = tokens
        self._next = 0

    def query(self) -> Query:
        self._keyword("select")
        count, columns = self._columns()
        self._keyword("from")
        entity = self._entity()
        conditions: list[Condition] = []
        if self._accept("where"):
            conditions.append(self._condition(entity))
            while self._accept("and"):
                conditions.append(self._condition(entity))
        order = self._order(entity)
        start, limit = 1, DEFAULT_ROWS
        while True:
            if self._accept("startposition"):
                start = self._number(1, None)
            elif self._accept("maxresults"):
                limit = min(self._number(0 if count else 1, None), MAX_ROWS)
            else:
                break
        self._end()
        return Query(entity, count, columns, tuple(conditions), order, start, limit)

    def _columns(self) -> tuple[bool, tuple[str, ...]]:
        token = self._take()
        if token.kind == "word" and token.text.lower() == "count":
            for mark in ("(", "*", ")"):
                if (found := self._take()).text != mark:
                    raise self._unexpected(found)
            return True, ()
        columns = []
        while True:
            if token.text == "*":
                columns.append("*")
            elif token.kind == "word":
                columns.append(token.text)
            else:
                raise self._unexpected(token)
            if not self._accept_mark(","):
                break
            token = self._take()
        return False, () if "*" in columns else tuple(columns)

    def _entity(self) -> str:
        token = self._take()
        if token.kind != "word":
            raise self._unexpected(token)
        if token.text.lower() == "salesorder":
            raise Fault(
                self._company.switches.sales_order_query_code,
                "QueryValidationError: Invalid context declaration: SalesOrder",
            )
        entity = BY_PATH.get(token.text.lower())
        if entity is None or entity not in _PROPERTIES:
            raise Fault(4001, f"QueryValidationError: Invalid context declaration: {token.text}")
        return entity

    def _property(self, entity: str, *, sort: bool) -> str:
        token = self._take()
        if token.kind != "word":
            raise self._unexpected(token)
        found = _PROPERTIES[entity].get(token.text.casefold().removesuffix(".value"))
        if found is not None and (found[1] or not sort):
            return found[0]
        known = {name.casefold() for name in ENTITY_FIELDS[entity]}
        if token.text.split(".")[0].casefold() not in known:
            raise Fault(4001, f"QueryValidationError: Property {token.text} not found for Entity {entity}")
        verb = "sortable" if sort else "queryable"
        raise Fault(4001, f"QueryValidationError: property '{token.text}' is not {verb}")

    def _condition(self, entity: str) -> Condition:
        name = self._property(entity, sort=False)
        token = self._take()
        operator = token.text.lower()
        if operator == "!=" and not self._company.switches.not_equal_in_queries:
            raise self._unexpected(token)
        if token.kind == "operator":
            return Condition(name, operator, (self._value(),))
        if operator == "like":
            return Condition(name, operator, (self._value(),))
        if operator == "in":
            if not self._accept_mark("("):
                raise self._unexpected(self._take())
            values = [self._value()]
            while self._accept_mark(","):
                values.append(self._value())
            if not self._accept_mark(")"):
                raise self._unexpected(self._take())
            return Condition(name, operator, tuple(values))
        raise self._unexpected(token)

    def _value(self) -> str:
        token = self._take()
        if token.kind == "string":
            return _ESCAPE.sub(r"\1", token.text[1:-1])
        if token.kind == "number" or (token.kind == "word" and token.text.lower() in {"true", "false"}):
            return token.text
        raise self._unexpected(token)

    def _order(self, entity: str) -> tuple[tuple[str, bool], ...]:
        if self._accept("order"):
            self._keyword("by")
        elif not self._accept("orderby"):
            return ()
        order = []
        while True:
            name = self._property(entity, sort=True)
            descending = self._accept("desc")
            if not descending:
                self._accept("asc")
            order.append((name, descending))
            if not self._accept_mark(","):
                return tuple(order)

    def _number(self, least: int, most: int | None) -> int:
        token = self._take()
        if token.kind != "number" or not token.text.lstrip("-").isdigit():
            raise self._unexpected(token)
        number = int(token.text)
        if number < least:
            raise Fault(4001, f"QueryValidationError: value {number} is too small. Min allowed value is {least}")
        return number

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> Token:
        token = self._peek()
        if token is None:
            raise self._unexpected(None)
        self._next += 1
        return token

    def _accept(self, keyword: str) -> bool:
        token = self._peek()
        if token is not None and token.kind == "word" and token.text.lower() == keyword:
            self._next += 1
            return True
        return False

    def _accept_mark(self, mark: str) -> bool:
        token = self._peek()
        if token is not None and token.kind == "mark" and token.text == mark:
            self._next += 1
            return True
        return False

    def _keyword(self, keyword: str) -> None:
        if not self._accept(keyword):
            raise self._unexpected(self._peek(), keyword)

    def _end(self) -> None:
        if self._peek() is not None:
            raise self._unexpected(self._peek())

    def _unexpected(self, token: Token | None, wanted: str | None = None) -> Fault:
        if token is None:
            column = 0 if not self._tokens else self._tokens[-1].column + len(self._tokens[-1].text) - 1
            text = f'QueryParserError: Encountered "<EOF>" at line 1, column {column}.'
        else:
            kind = {"word": "<IDENTIFIER>", "string": "<STRING>", "number": "<NUMBER>"}.get(token.kind, token.text)
            text = f'QueryParserError: Encountered " {kind} "{token.text} "" at line 1, column {token.column}.'
        return Fault(4000, text if wanted is None else f'{text}\nWas expecting:\n    "{wanted}" ...\n    ')
