//! Hands a file over in pieces, from where the service desk has it. What is there stays there, whatever happens to this tab.

use super::Platform;
use crate::domain::outbox::{Appended, Attachment, PIECE, Verdict};
use crate::ports::ServiceDesk;

/// How often a try begins anew where the service desk and this device do not agree on what is there.
const BEGINNINGS: u32 = 4;

/// Hands over `file`, and tells `told` how many of its bytes are there. `Err` says what to do instead.
pub(super) async fn upload<P: Platform>(platform: &P, file: &Attachment, told: impl Fn(u64)) -> Result<(), Verdict> {
    let desk = platform.desk();
    let (mut reached, mut damaged) = (None, false);
    for _ in 0..BEGINNINGS {
        let mut end = desk.begin_upload(file).await?;
        loop {
            // Where more than ever is there the service desk answers: that it fails now counts anew.
            let is_further = reached.is_some_and(|reached| end > reached);
            reached = reached.max(Some(end));
            told(end);
            if end >= file.size {
                return Ok(());
            }
            let (index, skip) = (end / u64::from(PIECE), end % u64::from(PIECE));
            let piece = platform.store().piece(&file.id, index as u32).await.map_err(|_| Verdict::Broken)?;
            match desk.append(file, end, &piece, skip as u32).await {
                Ok(Appended::Ends(further)) if further > end => end = further,
                // Twice is no accident: the bytes on this device are not those that were chosen.
                Ok(Appended::Damaged) if damaged => return Err(Verdict::Broken),
                Ok(Appended::Damaged) => {
                    damaged = true;
                    break;
                }
                Ok(Appended::Ends(_) | Appended::Elsewhere) => break,
                Err(Verdict::TryLater { after, .. }) if is_further => {
                    return Err(Verdict::TryLater { after, counts: false });
                }
                Err(verdict) => return Err(verdict),
            }
        }
    }
    Err(Verdict::TryLater { after: None, counts: true })
}

#[cfg(test)]
mod tests {
    use core::cell::RefCell;

    use super::*;
    use crate::runtime::worker::tests::{TestPlatform, file, keep_file};

    const MIB: u64 = PIECE as u64;

    /// A platform with a file of two pieces and a bit.
    fn platform() -> (TestPlatform, Attachment) {
        let platform = TestPlatform::default();
        let pieces: [Vec<u8>; 3] = [vec![1; PIECE as usize], vec![2; PIECE as usize], vec![3; 5]];
        let file = Attachment { size: 2 * MIB + 5, ..file("f") };
        keep_file(&platform, "d", &file, &pieces.each_ref().map(Vec::as_slice));
        (platform, file)
    }

    fn uploaded(platform: &TestPlatform, file: &Attachment) -> (Result<(), Verdict>, Vec<u64>) {
        let told = RefCell::new(vec![]);
        let result = pollster::block_on(upload(platform, file, |end| told.borrow_mut().push(end)));
        (result, told.into_inner())
    }

    #[test]
    fn a_file_is_handed_over_piece_by_piece() {
        let (platform, file) = platform();
        assert_eq!(uploaded(&platform, &file), (Ok(()), vec![0, MIB, 2 * MIB, 2 * MIB + 5]));
        let there = platform.desk.uploads.borrow()["f"].clone();
        assert_eq!(there, [vec![1; PIECE as usize], vec![2; PIECE as usize], vec![3; 5]].concat());
        assert_eq!(uploaded(&platform, &file), (Ok(()), vec![2 * MIB + 5]), "all of it is there");
    }

    #[test]
    fn it_goes_on_where_the_desk_has_it_also_within_a_piece() {
        let (platform, file) = platform();
        platform.desk.uploads.borrow_mut().insert("f".into(), vec![1; 700]);
        assert_eq!(uploaded(&platform, &file), (Ok(()), vec![700, MIB, 2 * MIB, 2 * MIB + 5]));
        assert_eq!(platform.desk.uploads.borrow()["f"].len() as u64, file.size);
    }

    #[test]
    fn a_cut_after_some_progress_is_no_failure_in_a_row() {
        let (platform, file) = platform();
        let cut = |counts| Verdict::TryLater { after: None, counts };
        platform.desk.appended.borrow_mut().push(Err(cut(true)));
        assert_eq!(uploaded(&platform, &file).0, Err(cut(true)));
        // The last is taken first.
        platform.desk.appended.borrow_mut().extend([Err(cut(true)), Ok(None)]);
        assert_eq!(uploaded(&platform, &file).0, Err(cut(false)));
        assert_eq!(uploaded(&platform, &file), (Ok(()), vec![MIB, 2 * MIB, 2 * MIB + 5]));
    }

    #[test]
    fn where_the_desk_has_it_counts_and_disagreement_ends() {
        let (platform, file) = platform();
        platform.desk.appended.borrow_mut().push(Ok(Some(Appended::Elsewhere)));
        assert_eq!(uploaded(&platform, &file).0, Ok(()));
        let (platform, file) = self::platform();
        platform.desk.appended.borrow_mut().extend(vec![Ok(Some(Appended::Ends(0))); 9]);
        assert_eq!(uploaded(&platform, &file).0, Err(Verdict::TryLater { after: None, counts: true }));
    }

    #[test]
    fn what_is_damaged_on_this_device_is_not_sent_for_ever() {
        let (platform, file) = platform();
        platform.desk.appended.borrow_mut().push(Ok(Some(Appended::Damaged)));
        assert_eq!(uploaded(&platform, &file).0, Ok(()), "on the way");
        let (platform, file) = self::platform();
        platform.desk.appended.borrow_mut().extend(vec![Ok(Some(Appended::Damaged)); 2]);
        assert_eq!(uploaded(&platform, &file).0, Err(Verdict::Broken));
        let (platform, _) = self::platform();
        let gone = Attachment { size: 3, ..self::file("gone") };
        assert_eq!(uploaded(&platform, &gone).0, Err(Verdict::Broken));
    }
}
