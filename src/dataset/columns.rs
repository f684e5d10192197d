//! Which column holds what.

use std::{borrow::Cow, collections::BTreeMap, iter, path::Path, str::FromStr};

use super::{
    error::{DatasetError, Fault},
    line::Row,
    preset::Preset,
    record::{Cell, Record},
    role::{Role, RoleReason, normalize},
};

/// Column names given by the user, by role.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ColumnNames(BTreeMap<Role, String>);

impl ColumnNames {
    fn get(&self, role: Role) -> Option<&str> {
        self.0.get(&role).map(String::as_str)
    }

    /// The role that a column can have by its name alone, and why.
    #[must_use]
    pub fn role_of(&self, column: &str, source: Preset) -> Option<(Role, RoleReason)> {
        let column = normalize(column);
        let named = |role: &Role| {
            self.get(*role)
                .is_some_and(|name| normalize(name) == column)
        };
        let of_source = |role: &Role| source.columns(*role).contains(&column.as_str());
        let alias = |list: usize| {
            let column = &column;
            move |role: &Role| {
                let may_be = !source.has_columns() || !source.columns(*role).is_empty();
                may_be && role.aliases()[list].contains(&column.as_str())
            }
        };
        let find = |fits: &dyn Fn(&Role) -> bool| Role::ALL.into_iter().find(|role| fits(role));
        let found = |fits: &dyn Fn(&Role) -> bool, reason| find(fits).map(|role| (role, reason));
        found(&named, RoleReason::Named)
            .or_else(|| found(&of_source, RoleReason::Source))
            .or_else(|| found(&alias(0), RoleReason::Alias))
            .or_else(|| found(&alias(1), RoleReason::WeakAlias))
    }
}

impl FromStr for ColumnNames {
    type Err = String;

    /// Reads `customer=Kunde,date=Datum`. A name may have commas, but not also
    /// a `=` behind one.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut names = BTreeMap::new();
        let mut pairs: Vec<String> = Vec::new();
        for piece in text.split(',') {
            match pairs.last_mut() {
                // A comma within a name.
                Some(last) if !piece.contains('=') => {
                    last.push(',');
                    last.push_str(piece);
                }
                _ => pairs.push(piece.to_owned()),
            }
        }
        for pair in pairs.iter().filter(|pair| !pair.trim().is_empty()) {
            let (role, name) = pair
                .split_once('=')
                .ok_or_else(|| format!("{pair:?} has no `=`"))?;
            let role: Role = role.trim().parse()?;
            if names.insert(role, name.trim().to_owned()).is_some() {
                return Err(format!("the {role} is given twice"));
            }
        }
        Ok(Self(names))
    }
}

/// Where a line's amount comes from, as column numbers counted from 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum AmountColumns {
    /// Quantity times unit price.
    Product {
        /// The column of the number of pieces.
        quantity: usize,
        /// The column of the price of one.
        price: usize,
    },
    /// A column of its own.
    Amount(usize),
}

/// The columns of a file, as numbers counted from 0.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Columns {
    header: Vec<String>,
    pub(super) invoice: usize,
    pub(super) date: usize,
    pub(super) customer: usize,
    pub(super) amount: AmountColumns,
    pub(super) country: Option<usize>,
    pub(super) status: Option<usize>,
    pub(super) refund: Option<usize>,
    pub(super) currency: Option<usize>,
    ignored_amount: Option<usize>,
    /// The columns without a role that the cleaning knows, in the order of their
    /// names, which is the same in all files of a data set.
    pub(super) others: Vec<usize>,
    /// For each column of the first file of the data set, that of this file.
    from_first: Vec<usize>,
}

impl Columns {
    /// Finds the columns by the names that the user gave, else by those of the
    /// preset, else by alias.
    ///
    /// # Errors
    ///
    /// [`DatasetError`] if a needed role has no column or several.
    pub(super) fn resolve(
        path: &Path,
        header: Vec<String>,
        names: &ColumnNames,
        preset: Preset,
    ) -> Result<Self, DatasetError> {
        let search = Search {
            path,
            header: &header,
            names,
            preset,
        };
        let mut missing = Vec::new();
        // The column that stands for a missing one is never looked at.
        let mut need = |role| -> Result<usize, DatasetError> {
            let found = search.find(role)?;
            Ok(found.unwrap_or_else(|| {
                missing.push(role);
                usize::MAX
            }))
        };
        let invoice = need(Role::Invoice)?;
        let date = need(Role::Date)?;
        let customer = need(Role::Customer)?;
        let factors = if names.get(Role::Amount).is_some() {
            [None; 2]
        } else {
            [search.find(Role::Quantity)?, search.find(Role::Price)?]
        };
        let (amount, ignored_amount) = if let [Some(quantity), Some(price)] = factors {
            // An amount that is not used may well have two candidates.
            let ignored = search.find(Role::Amount).ok().flatten();
            (AmountColumns::Product { quantity, price }, ignored)
        } else if let Some(amount) = search.find(Role::Amount)? {
            (AmountColumns::Amount(amount), None)
        } else {
            let factors = [Role::Quantity, Role::Price].into_iter().zip(factors);
            missing.extend(factors.filter_map(|(role, found)| found.is_none().then_some(role)));
            (AmountColumns::Amount(usize::MAX), None)
        };
        if !missing.is_empty() {
            return Err(DatasetError::MissingColumns {
                path: path.to_owned(),
                roles: missing,
                found: header,
                later: None,
            });
        }
        let country = search.find(Role::Country)?;
        let status = search.find(Role::Status)?;
        // What a known export gives back stands by order, and so beside its total.
        let refund = match amount {
            AmountColumns::Product { .. } if names.get(Role::Refund).is_none() => None,
            _ => search.find(Role::Refund)?,
        };
        let currency = search.find(Role::Currency)?;
        let mut columns = Self {
            header,
            invoice,
            date,
            customer,
            amount,
            country,
            status,
            refund,
            currency,
            ignored_amount,
            others: Vec::new(),
            from_first: Vec::new(),
        };
        columns.from_first = (0..columns.count()).collect();
        columns.others = columns.without_role();
        Ok(columns)
    }

    fn without_role(&self) -> Vec<usize> {
        let numbers = match self.amount {
            AmountColumns::Product { quantity, price } => [quantity, price],
            AmountColumns::Amount(column) => [column; 2],
        };
        let has_role = |column: &usize| {
            [self.invoice, self.date, self.customer].contains(column)
                || numbers.contains(column)
                || self.country == Some(*column)
        };
        let mut others: Vec<usize> = (0..self.count())
            .filter(|column| !has_role(column))
            .collect();
        // Columns of one name stay in their order.
        others.sort_by_cached_key(|&column| normalize(&self.header[column]));
        others
    }

    /// Makes sure that this file, at `path`, has the columns of the first of the
    /// data set; their order may differ.
    ///
    /// # Errors
    ///
    /// [`DatasetError::DifferentColumns`].
    pub(super) fn fit(&mut self, path: &Path, first: (&Path, &Self)) -> Result<(), DatasetError> {
        let (first_path, first) = first;
        let mut left: Vec<Option<String>> = self
            .header
            .iter()
            .map(|name| Some(normalize(name)))
            .collect();
        self.from_first.clear();
        let mut missing = Vec::new();
        for name in &first.header {
            let wanted = Some(normalize(name));
            match left.iter().position(|name| *name == wanted) {
                Some(column) => {
                    left[column] = None;
                    self.from_first.push(column);
                }
                None => missing.push(name.clone()),
            }
        }
        let extra = left.iter().zip(&self.header);
        let extra: Vec<String> = extra
            .filter(|(name, _)| name.is_some())
            .map(|(_, name)| name.clone())
            .collect();
        if missing.is_empty() && extra.is_empty() {
            return Ok(());
        }
        Err(DatasetError::DifferentColumns {
            path: path.to_owned(),
            first: first_path.to_owned(),
            missing,
            extra,
        })
    }

    /// Whether a record is the header once more, as where files were put together.
    pub(super) fn is_header(&self, record: &Record) -> bool {
        let texts = record.cells().map(Cell::text);
        texts.eq(self.names().map(Cow::Borrowed))
    }

    /// The names of all columns.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.header.iter().map(String::as_str)
    }

    /// The columns of a record of `length` fields in the order of the first file;
    /// as they stand, if the record has others than its header.
    pub(super) fn in_order_of_first(&self, length: usize) -> impl Iterator<Item = usize> {
        let is_whole = length == self.count();
        let order = if is_whole {
            self.from_first.clone()
        } else {
            (0..length).collect()
        };
        order.into_iter()
    }

    /// The columns in which the lines of a run are the same, in their order.
    pub(super) fn of_run(&self) -> Vec<usize> {
        let mut columns = vec![self.customer, self.invoice, self.date];
        columns.extend(self.country);
        columns.sort_unstable();
        columns
    }

    /// The columns with numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> {
        let (first, second) = match self.amount {
            AmountColumns::Product { quantity, price } => (quantity, Some(price)),
            AmountColumns::Amount(amount) => (amount, None),
        };
        iter::once(first).chain(second).chain(self.refund)
    }

    /// The name of a column counted from 0.
    #[must_use]
    pub(super) fn name(&self, column: usize) -> &str {
        &self.header[column]
    }

    /// A field of a row that will not do.
    pub(super) fn fault(
        &self,
        row: &impl Row,
        column: usize,
        expected: impl Into<Cow<'static, str>>,
    ) -> Fault {
        Fault::Field {
            line: row.line(),
            column: self.name(column).to_owned(),
            found: row.cell(column).text().into_owned(),
            expected: expected.into(),
        }
    }

    /// The number of columns.
    #[must_use]
    pub(super) fn count(&self) -> usize {
        self.header.len()
    }

    /// The name of the column of each role that has one.
    #[must_use]
    pub(super) fn by_role(&self) -> BTreeMap<Role, String> {
        let mut columns = BTreeMap::from([
            (Role::Invoice, self.invoice),
            (Role::Date, self.date),
            (Role::Customer, self.customer),
        ]);
        match self.amount {
            AmountColumns::Product { quantity, price } => {
                columns.extend([(Role::Quantity, quantity), (Role::Price, price)]);
            }
            AmountColumns::Amount(amount) => {
                columns.insert(Role::Amount, amount);
            }
        }
        let optional = [
            (Role::Country, self.country),
            (Role::Status, self.status),
            (Role::Refund, self.refund),
            (Role::Currency, self.currency),
        ];
        columns.extend(
            optional
                .into_iter()
                .filter_map(|(role, column)| Some((role, column?))),
        );
        columns
            .into_iter()
            .map(|(role, column)| (role, self.name(column).to_owned()))
            .collect()
    }

    /// The amount column that stands beside quantity and price and is not used.
    #[must_use]
    pub(super) fn ignored_amount(&self) -> Option<&str> {
        self.ignored_amount.map(|column| self.name(column))
    }
}

/// A header in which roles are looked for.
struct Search<'a> {
    path: &'a Path,
    header: &'a [String],
    names: &'a ColumnNames,
    preset: Preset,
}

impl Search<'_> {
    fn find(&self, role: Role) -> Result<Option<usize>, DatasetError> {
        if let Some(name) = self.names.get(role) {
            let exactly = |column: &String| column == name;
            let loosely = |column: &String| normalize(column) == normalize(name);
            return match self.unique(role, exactly)? {
                Some(column) => Ok(Some(column)),
                None => match self.unique(role, loosely)? {
                    Some(column) => Ok(Some(column)),
                    None => Err(DatasetError::UnknownColumn {
                        path: self.path.to_owned(),
                        role,
                        name: name.to_owned(),
                        found: self.header.to_owned(),
                    }),
                },
            };
        }
        for known in self.preset.columns(role) {
            if let Some(column) = self.unique(role, |column| normalize(column) == *known)? {
                return Ok(Some(column));
            }
        }
        // What a known export has beside its own columns may mean anything.
        if self.preset.has_columns() && self.preset.columns(role).is_empty() {
            return Ok(None);
        }
        for aliases in role.aliases() {
            let known = |column: &String| aliases.contains(&normalize(column).as_str());
            if let Some(column) = self.unique(role, known)? {
                return Ok(Some(column));
            }
        }
        Ok(None)
    }

    fn unique(
        &self,
        role: Role,
        fits: impl Fn(&String) -> bool,
    ) -> Result<Option<usize>, DatasetError> {
        let candidates: Vec<usize> = (0..self.header.len())
            .filter(|&column| fits(&self.header[column]))
            .collect();
        match candidates[..] {
            [] => Ok(None),
            [column] => Ok(Some(column)),
            _ => Err(DatasetError::AmbiguousColumn {
                path: self.path.to_owned(),
                role,
                candidates: candidates
                    .iter()
                    .map(|&column| self.header[column].clone())
                    .collect(),
                found: self.header.to_owned(),
            }),
        }
    }
}
