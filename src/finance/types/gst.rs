//! What an invoice says of tax: which parts it has, in which state, and in which financial year it is counted.

use super::part_of;

/// The states of India by their GST codes, with the larger places in each. A place that is not among them is taken to be
/// in the supplier's own state.
const STATES: &[(&str, &str, &[&str])] = &[
    ("01", "Jammu and Kashmir", &["jammu", "srinagar"]),
    ("02", "Himachal Pradesh", &["shimla", "manali", "dharamshala"]),
    ("03", "Punjab", &["amritsar", "jalandhar", "ludhiana", "mohali"]),
    ("04", "Chandigarh", &["chandigarh"]),
    ("05", "Uttarakhand", &["dehradun", "haridwar", "rishikesh"]),
    ("06", "Haryana", &["faridabad", "gurgaon", "gurugram", "panipat"]),
    ("07", "Delhi", &["delhi", "new delhi"]),
    ("08", "Rajasthan", &["ajmer", "jaipur", "jaisalmer", "jodhpur", "kota", "pushkar", "udaipur"]),
    (
        "09",
        "Uttar Pradesh",
        &["agra", "ghaziabad", "greater noida", "kanpur", "lucknow", "noida", "prayagraj", "varanasi"],
    ),
    ("10", "Bihar", &["gaya", "patna"]),
    ("11", "Sikkim", &["gangtok"]),
    ("12", "Arunachal Pradesh", &["itanagar", "ziro"]),
    ("13", "Nagaland", &["dimapur", "kohima"]),
    ("14", "Manipur", &["imphal"]),
    ("15", "Mizoram", &["aizawl"]),
    ("16", "Tripura", &["agartala"]),
    ("17", "Meghalaya", &["shillong"]),
    ("18", "Assam", &["dibrugarh", "guwahati", "silchar"]),
    ("19", "West Bengal", &["darjeeling", "durgapur", "howrah", "kolkata", "siliguri"]),
    ("20", "Jharkhand", &["dhanbad", "jamshedpur", "ranchi"]),
    ("21", "Odisha", &["bhubaneswar", "cuttack", "puri", "rourkela"]),
    ("22", "Chhattisgarh", &["bhilai", "raipur"]),
    ("23", "Madhya Pradesh", &["bhopal", "gwalior", "indore", "jabalpur", "ujjain"]),
    ("24", "Gujarat", &["ahmedabad", "gandhinagar", "rajkot", "surat", "vadodara"]),
    ("26", "Dadra and Nagar Haveli and Daman and Diu", &["daman", "diu", "silvassa"]),
    ("27", "Maharashtra", &["aurangabad", "mumbai", "nagpur", "nashik", "navi mumbai", "pune", "thane"]),
    ("29", "Karnataka", &["bangalore", "bengaluru", "hampi", "hubballi", "mangaluru", "mysore", "mysuru"]),
    ("30", "Goa", &["anjuna", "calangute", "goa", "margao", "panaji", "panjim", "vasco da gama"]),
    ("31", "Lakshadweep", &["kavaratti"]),
    ("32", "Kerala", &["kochi", "kollam", "kozhikode", "thiruvananthapuram", "thrissur"]),
    ("33", "Tamil Nadu", &["chennai", "coimbatore", "madurai", "salem", "tiruchirappalli", "vellore"]),
    ("34", "Puducherry", &["pondicherry", "puducherry"]),
    ("35", "Andaman and Nicobar Islands", &["port blair", "sri vijaya puram"]),
    ("36", "Telangana", &["hyderabad", "secunderabad", "warangal"]),
    ("37", "Andhra Pradesh", &["amaravati", "guntur", "tirupati", "vijayawada", "visakhapatnam"]),
    ("38", "Ladakh", &["kargil", "leh"]),
];

/// The state of a GST code.
pub fn state_name(code: &str) -> Option<&'static str> {
    STATES.iter().find(|(known, ..)| *known == code).map(|(_, name, _)| *name)
}

/// Where admission to an event is supplied: the state it is held in, else that of the supplier's GST number.
pub fn place_of_supply(city: &str, gst_number: &str) -> String {
    let city = city.trim().to_lowercase();
    let held_in = STATES.iter().find(|(_, name, places)| name.to_lowercase() == city || places.contains(&&*city));
    let own = gst_number.get(..2).unwrap_or_default();
    held_in.map_or(own, |(code, ..)| code).to_owned()
}

/// The year a day is counted in: from April to March where there is a GST number, else the calendar's.
pub fn financial_year((year, month): (i32, u8), gst: bool) -> String {
    if !gst {
        return year.to_string();
    }
    let first = if month >= 4 { year } else { year - 1 };
    format!("{:02}-{:02}", first.rem_euclid(100), (first + 1).rem_euclid(100))
}

/// What people call an invoice (`INV`) or a credit note (`CRN`); at most 16 characters, as the law has it.
pub fn document_reference(prefix: &str, financial_year: &str, number: i64) -> String {
    format!("{prefix}/{financial_year}/{number:06}")
}

/// An amount with the tax that is within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaxParts {
    /// What the tax applies to.
    pub taxable: i64,
    /// The union's half.
    pub cgst: i64,
    /// The state's half; the odd coin is in it.
    pub sgst: i64,
    /// The whole, where the event is in another state than its supplier.
    pub igst: i64,
    /// The whole, where there is no GST number.
    pub other: i64,
}

impl TaxParts {
    /// What it comes to.
    pub fn total(self) -> i64 {
        self.taxable + self.cgst + self.sgst + self.igst + self.other
    }

    /// An amount of which so much is tax: in halves within one state, whole from one to another.
    pub fn of(total: i64, tax: i64, gst_number: Option<&str>, place: Option<&str>) -> TaxParts {
        let mut parts = TaxParts { taxable: total - tax, ..TaxParts::default() };
        match (gst_number, place) {
            (None, _) => parts.other = tax,
            (Some(number), Some(place)) if number.get(..2) != Some(place) => parts.igst = tax,
            (Some(_), _) => (parts.cgst, parts.sgst) = (tax / 2, tax - tax / 2),
        }
        parts
    }

    /// The parts of what goes back, after `before` of it had gone back already: of all together exactly these.
    pub fn less(self, before: i64, amount: i64) -> TaxParts {
        let tax = self.total() - self.taxable;
        // The tax as a whole is shared out first: halves of their own could come to more than what goes back.
        let so_far = |of: i64| {
            let tax = part_of(tax, of, self.total());
            match (self.igst, self.other) {
                (0, 0) => TaxParts { cgst: tax / 2, sgst: tax - tax / 2, ..TaxParts::default() },
                (0, _) => TaxParts { other: tax, ..TaxParts::default() },
                _ => TaxParts { igst: tax, ..TaxParts::default() },
            }
        };
        let (until_now, with_it) = (so_far(before), so_far(before + amount));
        let mut parts = TaxParts {
            taxable: 0,
            cgst: with_it.cgst - until_now.cgst,
            sgst: with_it.sgst - until_now.sgst,
            igst: with_it.igst - until_now.igst,
            other: with_it.other - until_now.other,
        };
        parts.taxable = amount - parts.total();
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_taxes_what_is_held_in_it() {
        let bengaluru = "29ABCDE1234F1Z5";
        assert_eq!(place_of_supply("Bengaluru", bengaluru), "29");
        assert_eq!(place_of_supply(" new delhi", bengaluru), "07");
        assert_eq!(place_of_supply("Goa", bengaluru), "30");
        assert_eq!(place_of_supply("Somewhere small", bengaluru), "29");
        assert_eq!((state_name("29"), state_name("99")), (Some("Karnataka"), None));
        let parts = |place| TaxParts::of(11_800, 1_801, Some(bengaluru), Some(place));
        assert_eq!(parts("29"), TaxParts { taxable: 9_999, cgst: 900, sgst: 901, ..TaxParts::default() });
        assert_eq!(parts("27"), TaxParts { taxable: 9_999, igst: 1_801, ..TaxParts::default() });
        assert_eq!(TaxParts::of(700, 64, None, None), TaxParts { taxable: 636, other: 64, ..TaxParts::default() });
    }

    #[test]
    fn years_begin_in_april_and_numbers_are_short() {
        for (day, gst, year) in [
            ((2026, 3), true, "25-26"),
            ((2026, 4), true, "26-27"),
            ((2100, 1), true, "99-00"),
            ((2026, 3), false, "2026"),
        ] {
            assert_eq!(financial_year(day, gst), year);
        }
        let longest = document_reference("INV", "26-27", 999_999);
        assert_eq!((longest.as_str(), longest.len()), ("INV/26-27/999999", 16));
    }

    #[test]
    fn what_goes_back_in_parts_is_the_whole_in_the_end() {
        let whole = TaxParts::of(99_999, 15_254, Some("29ABCDE1234F1Z5"), Some("29"));
        let (mut before, mut sum) = (0, TaxParts::default());
        for amount in std::iter::repeat_n(1, 100).chain([33_233, 7, 50_001, 16_658]) {
            let back = whole.less(before, amount);
            assert_eq!(back.total(), amount);
            before += amount;
            let TaxParts { taxable, cgst, sgst, igst, other } = back;
            assert!([taxable, cgst, sgst, igst, other].iter().all(|part| *part >= 0), "{back:?}");
            sum = TaxParts {
                taxable: sum.taxable + taxable,
                cgst: sum.cgst + cgst,
                sgst: sum.sgst + sgst,
                igst: sum.igst + igst,
                other: sum.other + other,
            };
        }
        assert_eq!((before, sum), (99_999, whole));
    }
}
