//! What columns can hold, and by which names they are known.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// What a column can hold.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The invoice or order that a line belongs to.
    Invoice,
    /// The date and time of the invoice.
    Date,
    /// The number of pieces.
    Quantity,
    /// The price of one piece.
    Price,
    /// The amount of the line, where it is not quantity times price.
    Amount,
    /// The customer.
    Customer,
    /// The customer's country.
    Country,
    /// Whether an order was paid, where the data say so.
    Status,
    /// What was given back of a line's amount.
    Refund,
    /// The currency of a line's amount.
    Currency,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 10] = [
        Self::Invoice,
        Self::Date,
        Self::Quantity,
        Self::Price,
        Self::Amount,
        Self::Customer,
        Self::Country,
        Self::Status,
        Self::Refund,
        Self::Currency,
    ];

    /// The word for the role in `--columns ROLE=NAME`.
    #[must_use]
    pub const fn option(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Date => "date",
            Self::Quantity => "quantity",
            Self::Price => "price",
            Self::Amount => "amount",
            Self::Customer => "customer",
            Self::Country => "country",
            Self::Status => "status",
            Self::Refund => "refund",
            Self::Currency => "currency",
        }
    }

    /// Whether the role's values are numbers.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(
            self,
            Self::Quantity | Self::Price | Self::Amount | Self::Refund
        )
    }

    /// The names by which the role is known, in the form of [`normalize`].
    ///
    /// The second list counts only where no column has a name of the first:
    /// its names are common for the role, but stand beside the first's too.
    #[expect(clippy::too_many_lines, reason = "one list of names")]
    #[must_use]
    pub const fn aliases(self) -> [&'static [&'static str]; 2] {
        match self {
            Self::Invoice => [
                &["invoiceno", "invoice", "orderid", "invoiceid", "orderno"],
                &[
                    "invoicenumber",
                    "ordernumber",
                    "order",
                    "transactionid",
                    "transactionno",
                    "receiptid",
                    "receiptno",
                    "receiptnumber",
                    "billno",
                    "documentno",
                    "basketid",
                    "purchaseid",
                ],
            ],
            Self::Date => [
                &["invoicedate", "orderdate", "createdat", "date"],
                &[
                    "invoicedatetime",
                    "orderdatetime",
                    "ordertime",
                    "datetime",
                    "timestamp",
                    "transactiondate",
                    "purchasedate",
                    "orderpurchasetimestamp",
                    "ordercreatedat",
                    "orderedat",
                    "purchasedat",
                    "saledate",
                    "salesdate",
                    "created",
                ],
            ],
            Self::Quantity => [
                &["quantity", "qty"],
                &[
                    "units",
                    "pieces",
                    "itemquantity",
                    "orderquantity",
                    "quantityordered",
                    "lineitemquantity",
                    "unitssold",
                    "itemcount",
                ],
            ],
            Self::Price => [
                &["unitprice", "price"],
                &[
                    "priceeach",
                    "itemprice",
                    "priceperunit",
                    "priceperitem",
                    "productprice",
                    "sellingprice",
                    "lineitemprice",
                    "unitcost",
                ],
            ],
            Self::Amount => [
                &["amount", "total", "revenue"],
                &[
                    "totalamount",
                    "totalprice",
                    "totalrevenue",
                    "linetotal",
                    "lineamount",
                    "ordertotal",
                    "orderamount",
                    "ordervalue",
                    "grandtotal",
                    "sales",
                    "salesamount",
                    "spend",
                    "value",
                    "transactionamount",
                    "purchaseamount",
                    "amountspent",
                    "totalspent",
                ],
            ],
            Self::Customer => [
                &["customerid", "customer", "email"],
                &[
                    "customeremail",
                    "emailaddress",
                    "customerno",
                    "customernumber",
                    "customercode",
                    "customeruniqueid",
                    "custid",
                    "clientid",
                    "client",
                    "userid",
                    "user",
                    "buyerid",
                    "buyeremail",
                    "memberid",
                    "accountid",
                ],
            ],
            Self::Country => [&["country"], &["customercountry", "countryname"]],
            // Only known exports, or the user, tell these.
            Self::Status | Self::Refund | Self::Currency => [&[], &[]],
        }
    }
}

/// Why a column has a role.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleReason {
    /// The user says so.
    Named,
    /// The export is a known one, which has it in that column.
    Source,
    /// It is a usual name.
    Alias,
    /// It is a usual name that counts where there is no better one.
    WeakAlias,
}

impl fmt::Display for RoleReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named => "as it was named",
            Self::Source => "as the source has it",
            Self::Alias => "a usual name",
            Self::WeakAlias => "a usual name, if there is no better",
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Price => "unit price",
            other => other.option(),
        })
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.option() == text)
            .ok_or_else(|| {
                let roles: Vec<_> = Self::ALL.iter().map(|role| role.option()).collect();
                format!("{text:?} is no role, expected {}", roles.join(", "))
            })
    }
}

/// A column's name without case, spaces, dots, underscores and hyphens.
#[must_use]
pub fn normalize(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}
