import { AppError } from '#domain/error.ts'

/** A line below gives what stands above or below it another meaning. Some rows may have been taken by then: none may stay. */
export class OtherMeaningBelow extends AppError {
  /** All amounts of the sheet. */
  static ofUnit(line: number): OtherMeaningBelow {
    return new OtherMeaningBelow(
      'bad_request',
      `line ${line} says that the amounts are in 万元 or the like; nothing of the file is kept: convert them to yuan and change that line, then send the file again`,
      { zh: `第 ${line} 行注明金额以万元等计，整份文件未入库；请换算成元，并改掉这一行，再重新上传` },
    )
  }

  /** Amounts of one column: some say that they are in 万, others nothing, and may be too. */
  static ofMixedUnits(larger: number, bare: number): OtherMeaningBelow {
    return new OtherMeaningBelow(
      'bad_request',
      `line ${larger} has an amount in 万 or the like, and line ${bare} of the same column one below 1,000 without a unit, which may be in 万 too; nothing of the file is kept: write （元） into the title of the column, or 元 or 万元 behind each amount, then send the file again`,
      {
        zh: `同一列中，第 ${larger} 行的金额以万等计，第 ${bare} 行只有不到 1000 的数字，没有单位，可能也是万元，整份文件未入库；请在这一列的标题后注明（元），或在每个金额后写明元或万元，再重新上传`,
      },
    )
  }

  /** The columns of all lines that follow. */
  static ofHeader(line: number): OtherMeaningBelow {
    return new OtherMeaningBelow(
      'bad_request',
      `line ${line} is the header of another table, with other columns than the first; nothing of the file is kept: put each table into a sheet or a file of its own, then send them again`,
      {
        zh: `第 ${line} 行是另一张表的表头，列与上面的不同，整份文件未入库；请把每张表各放一个工作表或文件，再重新上传`,
      },
    )
  }
}
