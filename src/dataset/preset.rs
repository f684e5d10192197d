//! Shop systems whose exports are known: their columns, statuses and units.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use super::{
    choice::choose,
    role::{Role, normalize},
};

/// The system that an export comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Preset {
    /// The UCI Online Retail data, and whatever has their columns.
    Uci,
    /// The orders export of Shopify.
    Shopify,
    /// The orders of WooCommerce, by its own export or the usual plug-ins.
    Woocommerce,
    /// Charges and payments of Stripe, as from its API or its dashboard.
    Stripe,
    /// The tables of Olist: payments or items, orders and customers.
    Olist,
    /// Any other: columns by the names that are usual.
    Generic,
}

/// What is particular to a system.
struct Shape {
    /// A header fits if one of these lists is all in it, in the form of
    /// [`normalize`].
    signatures: &'static [&'static [&'static str]],
    /// The names of the columns of each role, the best first.
    columns: &'static [(Role, &'static [&'static str])],
    /// Orders of which statuses count.
    paid: &'static [&'static str],
    /// Whether amounts without a decimal mark are in hundredths.
    has_cents: bool,
    /// Whether lines without an amount belong to the order of the line before.
    is_continued: bool,
    /// The identifier that stands for customers without an account.
    guest: Option<&'static str>,
}

const NOTHING: Shape = Shape {
    signatures: &[],
    columns: &[],
    paid: &[],
    has_cents: false,
    is_continued: false,
    guest: None,
};

const UCI: Shape = Shape {
    signatures: &[
        &[
            "invoiceno",
            "stockcode",
            "quantity",
            "invoicedate",
            "unitprice",
            "customerid",
        ],
        &[
            "invoice",
            "stockcode",
            "quantity",
            "invoicedate",
            "price",
            "customerid",
        ],
    ],
    ..NOTHING
};

const SHOPIFY: Shape = Shape {
    signatures: &[&["name", "email", "financialstatus", "total", "createdat"]],
    columns: &[
        (Role::Invoice, &["name"]),
        (Role::Date, &["createdat"]),
        (Role::Customer, &["email"]),
        (Role::Amount, &["total"]),
        (Role::Country, &["shippingcountry", "billingcountry"]),
        (Role::Status, &["financialstatus"]),
        (Role::Refund, &["refundedamount"]),
        (Role::Currency, &["currency"]),
    ],
    paid: &["paid", "partially_paid", "partially_refunded", "refunded"],
    is_continued: true,
    ..NOTHING
};

const WOOCOMMERCE: Shape = Shape {
    signatures: &[
        &["status", "billingemail", "ordertotal"],
        &["status", "billingemail", "total"],
        &["orderstatus", "email(billing)"],
        &["orderstatus", "billingemail"],
        &["status", "refundedtotal"],
        &["status", "order#", "nrevenue"],
    ],
    columns: &[
        (
            Role::Invoice,
            &["ordernumber", "orderid", "order#", "number", "id"],
        ),
        (
            Role::Date,
            &["orderdate", "datecreated", "date", "paiddate"],
        ),
        (
            Role::Customer,
            &[
                "billingemail",
                "email(billing)",
                "customeremail",
                "customerid",
                "customer",
            ],
        ),
        (Role::Quantity, &["quantity", "quantity(refund)"]),
        (Role::Price, &["itemcost"]),
        (
            Role::Amount,
            &["ordertotal", "ordertotalamount", "total", "nrevenue"],
        ),
        (
            Role::Country,
            &["billingcountry", "countrycode(billing)", "shippingcountry"],
        ),
        (Role::Status, &["status", "orderstatus"]),
        (
            Role::Refund,
            &["refundedtotal", "orderrefundamount", "totalrefunded"],
        ),
        (Role::Currency, &["ordercurrency", "currency"]),
    ],
    paid: &["completed", "processing", "refunded"],
    guest: Some("0"),
    ..NOTHING
};

const STRIPE: Shape = Shape {
    signatures: &[
        &["id", "amount", "amountrefunded", "created"],
        &["id", "amount", "amountrefunded", "created(utc)"],
        &["id", "amount", "amountrefunded", "createddate(utc)"],
    ],
    columns: &[
        (Role::Invoice, &["id"]),
        (Role::Date, &["created", "created(utc)", "createddate(utc)"]),
        (Role::Customer, &["customer", "customerid", "customeremail"]),
        (Role::Amount, &["amount"]),
        (Role::Country, &["cardissuecountry", "country"]),
        (Role::Status, &["status"]),
        (Role::Refund, &["amountrefunded"]),
        (Role::Currency, &["currency"]),
    ],
    paid: &["paid", "partially_refunded", "refunded", "succeeded"],
    has_cents: true,
    ..NOTHING
};

/// No header has a signature of it: its tables are known one by one, and joined.
const OLIST: Shape = Shape {
    columns: &[
        (Role::Invoice, &["orderid"]),
        (Role::Date, &["ordersorderpurchasetimestamp"]),
        (Role::Customer, &["customerscustomeruniqueid"]),
        (Role::Amount, &["paymentvalue", "price"]),
        (Role::Status, &["ordersorderstatus"]),
    ],
    paid: &["approved", "delivered", "invoiced", "processing", "shipped"],
    ..NOTHING
};

impl Preset {
    /// Every preset, in the order in which a header is compared with them.
    pub const ALL: [Self; 6] = [
        Self::Shopify,
        Self::Stripe,
        Self::Woocommerce,
        Self::Olist,
        Self::Uci,
        Self::Generic,
    ];

    /// The name of the preset.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uci => "uci",
            Self::Shopify => "shopify",
            Self::Woocommerce => "woocommerce",
            Self::Stripe => "stripe",
            Self::Olist => "olist",
            Self::Generic => "generic",
        }
    }

    const fn shape(self) -> &'static Shape {
        match self {
            Self::Uci => &UCI,
            Self::Shopify => &SHOPIFY,
            Self::Woocommerce => &WOOCOMMERCE,
            Self::Stripe => &STRIPE,
            Self::Olist => &OLIST,
            Self::Generic => &NOTHING,
        }
    }

    /// The preset whose columns a header has.
    #[must_use]
    pub fn of_header(header: &[String]) -> Self {
        let names: Vec<String> = header.iter().map(|name| normalize(name)).collect();
        let has = |wanted: &&str| names.iter().any(|name| name == wanted);
        let fits = |preset: &Self| {
            let mut signatures = preset.shape().signatures.iter();
            signatures.any(|signature| signature.iter().all(has))
        };
        Self::ALL.into_iter().find(fits).unwrap_or(Self::Generic)
    }

    /// The names of the columns of a role, the best first.
    #[must_use]
    pub fn columns(self, role: Role) -> &'static [&'static str] {
        let mut columns = self.shape().columns.iter();
        let found = columns.find(|(other, _)| *other == role);
        found.map_or(&[], |(_, names)| *names)
    }

    /// Whether the preset has names of columns of its own.
    pub(super) const fn has_columns(self) -> bool {
        !self.shape().columns.is_empty()
    }

    /// The statuses of orders that count, in small letters with `_` for spaces; all
    /// where there are none.
    #[must_use]
    pub const fn paid(self) -> &'static [&'static str] {
        self.shape().paid
    }

    pub(super) const fn has_cents(self) -> bool {
        self.shape().has_cents
    }

    pub(super) const fn is_continued(self) -> bool {
        self.shape().is_continued
    }

    pub(super) const fn guest(self) -> Option<&'static str> {
        self.shape().guest
    }
}

/// A status in the one form in which it is compared: `wc-Completed` is `completed`,
/// `Partially refunded` is `partially_refunded`.
pub(super) fn status(text: &str) -> String {
    let text = text.trim().to_lowercase().replace([' ', '-'], "_");
    match text.strip_prefix("wc_") {
        Some(bare) => bare.to_owned(),
        None => text,
    }
}

/// Whether amounts in a currency have no hundredths, as Stripe lists them.
pub(super) fn has_no_cents(currency: &str) -> bool {
    const WITHOUT: [&str; 16] = [
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv",
        "xaf", "xof", "xpf",
    ];
    WITHOUT
        .iter()
        .any(|code| currency.eq_ignore_ascii_case(code))
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Preset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        choose(text, &Self::ALL.map(|preset| (preset.name(), preset)))
    }
}

/// In what amounts are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unit {
    /// The currency unit.
    Whole,
    /// Hundredths of it.
    Cents,
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        choose(text, &[("whole", Self::Whole), ("cents", Self::Cents)])
    }
}
