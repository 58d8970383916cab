use sqlx::PgConnection;

use crate::kernel::error::Result;
use crate::planning::{ClashRule, PlanRule, Severity};

/// Every rule: as the organisation has set it, else its default.
pub async fn rule_list(db: &mut PgConnection) -> Result<Vec<PlanRule>> {
    let rows = sqlx::query!(r#"select rule, severity as "severity: Severity", minutes, version from plan_rules"#);
    let rows = rows.fetch_all(db).await?;
    let rule = |rule: &ClashRule| {
        let (severity, minutes) = rule.default();
        let set = rows.iter().find(|row| row.rule == rule.as_str() && !rule.is_hard());
        PlanRule {
            rule: *rule,
            severity: set.map_or(severity, |row| row.severity),
            minutes: minutes.map(|minutes| set.and_then(|row| row.minutes).unwrap_or(minutes)),
            changeable: !rule.is_hard(),
            version: set.map_or(0, |row| row.version),
        }
    };
    Ok(ClashRule::ALL.iter().map(rule).collect())
}

pub async fn rule_set(db: &mut PgConnection, rule: &PlanRule) -> Result<()> {
    sqlx::query!(
        "insert into plan_rules (rule, severity, minutes) values ($1, $2, $3)
         on conflict (rule) do update set severity = excluded.severity, minutes = excluded.minutes,
             version = plan_rules.version + 1",
        rule.rule.as_str(),
        rule.severity.as_str(),
        rule.minutes,
    )
    .execute(db)
    .await?;
    Ok(())
}
