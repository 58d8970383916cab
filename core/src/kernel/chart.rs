//! Charts: how one is to be drawn, and the same figures as a table for those who cannot see it.
//!
//! The option is made here, on the server; the browser only draws it (`tools/charts`). Colours are
//! the names of the stylesheet's tokens, so that a chart follows the reader's theme.

use serde::Serialize;
use serde_json::Value;

/// A chart with its table.
#[operation::record]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// A one-sentence summary.
    pub summary: String,
    /// How to draw it: an option of ECharts. Colours such as `var(--mark-ok)` are the stylesheet's; `currency`, where it
    /// applies, is that of all amounts.
    pub option: Value,
    /// The table's columns; the first names the row.
    pub columns: Vec<String>,
    /// The table's rows, each as long as the columns.
    pub rows: Vec<Vec<String>>,
}

#[cfg(feature = "ssr")]
pub use build::{MoneySeries, Series, money_bars, stacked_bars};

#[cfg(feature = "ssr")]
mod build {
    use charming::component::{Axis, Grid, Legend};
    use charming::element::{AxisPointer, AxisPointerType, AxisType, Color, ItemStyle, Tooltip, Trigger};
    use charming::series::Bar;
    use serde_json::Value;

    use super::Chart;
    use crate::kernel::money::{Money, count};

    /// Amounts of one kind, one for each label of the chart, all in one currency.
    pub struct MoneySeries {
        /// What they are.
        pub name: &'static str,
        /// The token of the colour: `ok` is the stylesheet's `--mark-ok`.
        pub token: &'static str,
        /// The amounts.
        pub values: Vec<Money>,
    }

    /// Bars of money over `labels`, the series beside each other. The table has the amounts as people write them; only
    /// the drawing is less exact than coins.
    pub fn money_bars(
        title: &str,
        summary: String,
        unit: &str,
        labels: Vec<String>,
        series: Vec<MoneySeries>,
    ) -> Chart {
        let columns = std::iter::once(unit).chain(series.iter().map(|series| series.name)).map(str::to_owned).collect();
        let row = |(at, label): (usize, &String)| {
            let amounts = series.iter().map(|series| series.values.get(at).map(Money::display).unwrap_or_default());
            std::iter::once(label.clone()).chain(amounts).collect()
        };
        let rows = labels.iter().enumerate().map(row).collect();
        let currency = series.iter().flat_map(|series| &series.values).map(|money| money.currency.clone()).next();
        let drawn = |money: Money| money.decimal().parse::<f64>().unwrap_or_default();
        let drawing = series.into_iter().fold(frame(labels), |drawing, series| {
            let values: Vec<f64> = series.values.into_iter().map(drawn).collect();
            let bar = Bar::new().name(series.name).data(values);
            drawing.series(bar.item_style(ItemStyle::new().color(color(series.token))))
        });
        let mut option = serde_json::to_value(&drawing).unwrap_or(Value::Null);
        // The script writes axis and hints as amounts of it.
        if let Some((currency, option)) = currency.zip(option.as_object_mut()) {
            option.insert("currency".to_owned(), currency.to_string().into());
        }
        Chart { title: title.to_owned(), summary, option, columns, rows }
    }

    fn color(token: &str) -> Color {
        Color::Value(format!("var(--mark-{token})"))
    }

    /// Axes and legend, without any series yet.
    fn frame(labels: Vec<String>) -> charming::Chart {
        let pointer = AxisPointer::new().type_(AxisPointerType::Shadow);
        charming::Chart::new()
            .tooltip(Tooltip::new().trigger(Trigger::Axis).axis_pointer(pointer))
            .legend(Legend::new().top(0).left(0))
            .grid(Grid::new().left(0).right(0).top(36).bottom(8).contain_label(true))
            .x_axis(Axis::new().type_(AxisType::Category).data(labels))
            .y_axis(Axis::new().type_(AxisType::Value).min_interval(1.0))
    }

    /// Figures of one kind, one for each label of the chart.
    pub struct Series {
        /// What they are.
        pub name: &'static str,
        /// The token of the colour: `ok` is the stylesheet's `--mark-ok`.
        pub token: &'static str,
        /// The figures.
        pub values: Vec<i64>,
    }

    /// Bars over `labels`, the series on top of each other. `unit` heads the table's first column.
    pub fn stacked_bars(title: &str, summary: String, unit: &str, labels: Vec<String>, series: Vec<Series>) -> Chart {
        let columns = std::iter::once(unit).chain(series.iter().map(|series| series.name)).map(str::to_owned).collect();
        let row = |(at, label): (usize, &String)| {
            let figures = series.iter().map(|series| count(series.values.get(at).copied().unwrap_or_default()));
            std::iter::once(label.clone()).chain(figures).collect()
        };
        let rows = labels.iter().enumerate().map(row).collect();
        let drawing = series.into_iter().fold(frame(labels), |drawing, series| {
            let bar = Bar::new().name(series.name).stack("all").data(series.values);
            drawing.series(bar.item_style(ItemStyle::new().color(color(series.token))))
        });
        // Nothing in it can fail to become JSON: its keys are fields and its figures whole.
        let option = serde_json::to_value(&drawing).unwrap_or(Value::Null);
        Chart { title: title.to_owned(), summary, option, columns, rows }
    }

    #[cfg(test)]
    mod tests {
        use serde_json::json;

        use super::*;

        #[test]
        fn the_option_and_the_table_say_the_same() {
            let series = vec![
                Series { name: "Done", token: "ok", values: vec![3, 0] },
                Series { name: "Dead", token: "bad", values: vec![0, 1] },
            ];
            let labels = vec!["08:00".to_owned(), "09:00".to_owned()];
            let chart = stacked_bars("Jobs", "Three done.".to_owned(), "Hour", labels, series);
            assert_eq!(chart.columns, ["Hour", "Done", "Dead"]);
            assert_eq!(chart.rows, [["08:00", "3", "0"], ["09:00", "0", "1"]]);
            assert_eq!(chart.option["xAxis"]["data"], json!(["08:00", "09:00"]));
            assert_eq!(chart.option["series"][0]["data"], json!([3, 0]));
            assert_eq!(chart.option["series"][1]["itemStyle"]["color"], "var(--mark-bad)");
            assert_eq!(chart.option["series"][1]["stack"], "all");
        }

        #[test]
        fn amounts_are_drawn_in_their_unit_and_told_to_the_coin() {
            let money = |minor| Money { minor, currency: crate::kernel::money::Currency::parse("INR").unwrap() };
            let series = vec![MoneySeries { name: "Paid", token: "ok", values: vec![money(12_990_050), money(0)] }];
            let labels = vec!["24 Nov".to_owned(), "25 Nov".to_owned()];
            let chart = money_bars("Revenue", "₹1,29,900.50.".to_owned(), "Day", labels, series);
            assert_eq!(chart.rows, [["24 Nov", "₹1,29,900.50"], ["25 Nov", "₹0"]]);
            assert_eq!(chart.option["series"][0]["data"], json!([129_900.5, 0.0]));
            assert_eq!(chart.option["currency"], "INR", "the axis is grouped as amounts in it are");
        }
    }
}
