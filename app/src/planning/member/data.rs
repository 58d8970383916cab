//! What the page of somebody of the crew is made of.

use eventify::Error;
use eventify::kernel::error::not_found;
use eventify::kernel::page::every;
use eventify::planning::operations::{crew_absence_list, crew_document_list, crew_get, crew_shift_list};
use eventify::planning::{CrewAbsence, CrewDocument, CrewId, CrewMember, OwnShift};
use eventify::zones::Zone;

use crate::events::clock;

/// Somebody of the crew, with all that is shown of them.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Record {
    pub member: CrewMember,
    /// Their shifts and offers, each with the clocks of its place.
    pub shifts: Vec<(OwnShift, Zone)>,
    pub absences: Vec<CrewAbsence>,
    pub documents: Vec<CrewDocument>,
}

/// Reads all of it.
pub async fn fetch(id: Option<CrewId>) -> Result<Record, Error> {
    let id = id.ok_or_else(not_found)?;
    let shifts = async {
        let mut shifts = Vec::new();
        for shift in every(|page| crew_shift_list(id, page)).await? {
            let zone = clock::named(&shift.timezone).await?;
            shifts.push((shift, zone));
        }
        Ok(shifts)
    };
    let (member, shifts, absences, documents) = futures::try_join!(
        crew_get(id),
        shifts,
        every(|page| crew_absence_list(id, page)),
        every(|page| crew_document_list(id, page)),
    )?;
    Ok(Record { member, shifts, absences, documents })
}
